#include "tests/unit/explain/recorded_requests.hpp"

#include "tests/catch.hpp"

#include <boost/json.hpp>

#include <fstream>
#include <sstream>

namespace recorded {
namespace {

namespace json = boost::json;

std::string text_of(const json::object& object, std::string_view name) {
    return std::string(object.at(name).as_string());
}

RequestHead head_of(const json::array& lines) {
    RequestHead head;
    const std::string first(lines.at(0).as_string());
    const auto space = first.find(' ');
    head.method = first.substr(0, space);
    head.target = first.substr(space + 1, first.rfind(' ') - space - 1);
    for (std::size_t i = 1; i < lines.size(); ++i) {
        const std::string line(lines.at(i).as_string());
        const auto colon = line.find(':');
        head.headers.add(line.substr(0, colon), trim(std::string_view(line).substr(colon + 1)));
    }
    return head;
}

Request load(const std::string& name) {
    std::ifstream file(std::string(BENCHTOP_FIXTURES) + "/explain/" + name + ".json");
    std::ostringstream bytes;
    bytes << file.rdbuf();
    const json::value document = json::parse(bytes.str());
    const json::object& object = document.as_object();
    const json::object& key = object.at("key").as_object();
    Request request;
    request.client = name;
    request.version = text_of(object, "client");
    request.head = head_of(object.at("head").as_array());
    request.head.received_at = parse_amz_date(text_of(object, "receivedAt")).value();
    request.region = text_of(object, "region");
    request.body_sha256 = text_of(object, "bodySha256");
    request.key_id = text_of(key, "id");
    request.secret = text_of(key, "secret");
    request.token = text_of(key, "token");
    return request;
}

void replace_once(std::string& whole, std::string_view from, std::string_view to) {
    const auto at = whole.find(from);
    INFO("\"" << from << "\" in " << whole);
    REQUIRE(at != std::string::npos);
    whole.replace(at, from.size(), to);
}

auth::VerifyContext context_of(const Case& one) {
    auth::VerifyContext context{.now = one.now, .axis = one.axis};
    context.expected_region = one.request.region;
    context.accepts_body = true;
    context.body_sha256 = one.body_sha256;
    return context;
}

std::string port_of(std::string_view client) {
    for (const Request& request : requests()) {
        if (request.client == client) {
            const std::string_view host = request.head.host();
            return std::string(host.substr(host.rfind(':')));
        }
    }
    return {};
}

} // namespace

const std::vector<Request>& requests() {
    static const std::vector<Request> kRequests{
        load("curl"), load("aws_cli"), load("boto3"), load("js_sdk"), load("presigned")};
    return kRequests;
}

Case good(const Request& request) {
    return {request, request.head.received_at, request.body_sha256, {}};
}

explain::Known known(const Case& one) {
    auth::KeyRecord own;
    own.access_key_id = one.request.key_id;
    own.secret = one.request.secret;
    own.session_token = one.request.token;
    own.generation = 1;
    auth::KeyRecord other;
    other.access_key_id = kOtherKeyId;
    other.secret = kOtherSecret;
    other.generation = 2;
    explain::Known known;
    known.credentials.push_back(
        {std::make_shared<const auth::KeyRecord>(std::move(own)), "user benchtop-admin"}
    );
    known.credentials.push_back(
        {std::make_shared<const auth::KeyRecord>(std::move(other)), "user student"}
    );
    // A server knows its own port; the recorder's stood in for it.
    known.hosts.push_back("localhost" + port_of(one.request.client));
    return known;
}

explain::SignatureExplanation explained(const Case& one) {
    return explain::explain_signature({one.request.head, context_of(one)}, known(one));
}

bool verifies(const Case& one) {
    return explained(one).mistake.empty();
}

void sign_with_slip(Case& one, const std::function<void(explain::Message&)>& slip) {
    const auto received = explain::read_message(one.request.head, context_of(one));
    REQUIRE(received);
    explain::Message message = received->message;
    message.secret = one.request.secret;
    slip(message);
    const std::string signature = explain::Signer().sign(message, explain::signed_text(message));
    if (one.request.is_presigned()) {
        replace_in_target(one, received->provided, signature);
    } else {
        replace_in_header(one, "Authorization", received->provided, signature);
    }
}

void replace_in_target(Case& one, std::string_view from, std::string_view to) {
    replace_once(one.request.head.target, from, to);
}

void replace_in_header(
    Case& one, std::string_view name, std::string_view from, std::string_view to
) {
    std::string value(one.request.head.headers.get(name));
    replace_once(value, from, to);
    one.request.head.headers.set(name, value);
}

} // namespace recorded
