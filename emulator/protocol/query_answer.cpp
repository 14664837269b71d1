#include "emulator/protocol/query_answer.hpp"

#include "emulator/protocol/xml_writer.hpp"

namespace benchtop::protocol {

Response query_answer(
    std::string_view xmlns,
    std::string_view action,
    std::string_view result,
    std::string_view request_id
) {
    const std::string name(action);
    std::string body =
        "<" + name + "Response xmlns=\"" + xml_escape(xmlns, Quotes::Escape) + "\">\n";
    if (!result.empty()) {
        body += "  <" + name + "Result>" + std::string(result) + "</" + name + "Result>\n";
    }
    body += "  <ResponseMetadata>\n    <RequestId>" + std::string(request_id) +
            "</RequestId>\n  </ResponseMetadata>\n</" + name + "Response>\n";
    Response response;
    response.headers.add("Content-Type", "text/xml");
    response.body = std::move(body);
    return response;
}

} // namespace benchtop::protocol
