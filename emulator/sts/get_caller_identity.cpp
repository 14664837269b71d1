#include "emulator/sts/get_caller_identity.hpp"

namespace benchtop::sts {

Response get_caller_identity(const policy::Principal& caller, std::string_view request_id) {
    // Nothing here needs escaping: ARNs, ids and numbers were made by us or validated at creation.
    std::string body = "<GetCallerIdentityResponse "
                       "xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n"
                       "  <GetCallerIdentityResult>\n    <Arn>";
    body += caller.arn;
    body += "</Arn>\n    <UserId>";
    body += caller.user_id;
    body += "</UserId>\n    <Account>";
    body += caller.account;
    body += "</Account>\n  </GetCallerIdentityResult>\n  <ResponseMetadata>\n    <RequestId>";
    body += request_id;
    body += "</RequestId>\n  </ResponseMetadata>\n</GetCallerIdentityResponse>\n";

    Response response;
    response.headers.add("Content-Type", "text/xml");
    response.body = std::move(body);
    return response;
}

} // namespace benchtop::sts
