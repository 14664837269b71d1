#include "harness/client.hpp"

#include "emulator/core/encoding.hpp"
#include "emulator/stack/constants.hpp"
#include "handlers/aws/text.hpp"
#include "harness/expect.hpp"
#include "harness/lab.hpp"

#include <fmt/format.h>
#include <pugixml.hpp>

#include <sstream>
#include <stdexcept>

namespace benchtop::harness {
namespace {

using handlers::aws::uri_encode;

[[noreturn]] void refuse(std::string_view what, const ClientResponse& answer) {
    std::ostringstream text;
    text << what << ": " << answer;
    throw std::invalid_argument(text.str());
}

std::string text_below(const ClientResponse& answer, const char* path) {
    pugi::xml_document document;
    document.load_buffer(answer.body.data(), answer.body.size());
    return document.select_node(path).node().child_value();
}

} // namespace

Client::Client(Lab& lab, std::string user, ClientCredentials credentials)
    : lab_(lab)
    , user_(std::move(user))
    , credentials_(std::move(credentials)) {}

Presigned Client::presign() {
    return lab_.presign();
}

ClientResponse Client::object(std::string method, std::string_view bucket, std::string_view key) {
    return send(
        {std::move(method),
         fmt::format("{}/{}/{}", kEndpoint, bucket, uri_encode(key, handlers::aws::Slash::Keep)),
         {},
         {}}
    );
}

ClientResponse Client::put_object(std::string_view bucket, std::string_view key, std::string body) {
    return send(
        {"PUT",
         fmt::format("{}/{}/{}", kEndpoint, bucket, uri_encode(key, handlers::aws::Slash::Keep)),
         {},
         std::move(body)}
    );
}

ClientResponse Client::get_object(std::string_view bucket, std::string_view key) {
    return object("GET", bucket, key);
}

ClientResponse Client::delete_object(std::string_view bucket, std::string_view key) {
    return object("DELETE", bucket, key);
}

ClientResponse Client::list_objects(std::string_view bucket, std::string_view prefix) {
    return send(
        {"GET",
         fmt::format("{}/{}?list-type=2&prefix={}", kEndpoint, bucket, uri_encode(prefix)),
         {},
         {}}
    );
}

ClientResponse Client::send(ClientRequest request) {
    return lab_.send_signed(std::move(request), credentials_);
}

ClientResponse Client::call(
    std::string_view service,
    std::string_view method,
    std::string_view path,
    std::string body,
    std::vector<std::pair<std::string, std::string>> headers
) {
    return lab_.call(service, method, path, std::move(body), credentials_, std::move(headers));
}

void Client::may(std::string_view policy_document) {
    if (user_.empty()) {
        throw std::invalid_argument("a session has no policies of its own: give them to its role");
    }
    // The name says which policy it is, so that the same one twice is one.
    const ClientResponse answer = lab_.call(
        "iam",
        "POST",
        "/",
        fmt::format(
            "Action=PutUserPolicy&Version=2010-05-08&UserName={}&PolicyName=may-{}"
            "&PolicyDocument={}",
            uri_encode(user_),
            handlers::aws::to_hex(handlers::aws::sha256(policy_document)).substr(0, 12),
            uri_encode(policy_document)
        )
    );
    if (answer.status != 200) {
        refuse("PutUserPolicy", answer);
    }
}

Client Client::assume_role(std::string_view role_arn, std::string_view session_name) {
    const ClientResponse answer = call(
        "sts",
        "POST",
        "/",
        fmt::format(
            "Action=AssumeRole&Version=2011-06-15&RoleArn={}&RoleSessionName={}",
            uri_encode(role_arn),
            uri_encode(session_name)
        )
    );
    if (answer.status != 200) {
        refuse("AssumeRole", answer);
    }
    return Client(
        lab_,
        "",
        {text_below(answer, "//AccessKeyId"),
         text_below(answer, "//SecretAccessKey"),
         text_below(answer, "//SessionToken")}
    );
}

} // namespace benchtop::harness
