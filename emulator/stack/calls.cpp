#include "emulator/stack/calls.hpp"

#include "emulator/core/digest.hpp"
#include "emulator/core/encoding.hpp"
#include "emulator/s3/operation.hpp"
#include "emulator/stack/constants.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>

namespace benchtop::stack {
namespace {

// CloudFormation waits until a function is active; a stack's functions were made this long ago.
constexpr seconds kSettled{5};

// The administrator's policy allows everything; what the services forbid to everybody they do not
// ask about.
class Administrator final : public service::Authorizer {
public:
    Result<void> check(const service::AccessRequest&) override { return {}; }
};

service::Authorizer& administrator() {
    static Administrator one;
    return one;
}

} // namespace

Calls::Calls(
    store::WriteTx& tx,
    UtcInstant now,
    Random& random,
    std::string_view account,
    std::string_view region,
    std::span<const service::ServiceTable> tables
)
    : tx_(tx)
    , now_(now)
    , random_(random)
    , region_(region)
    , axis_(tx.time_axis())
    , tables_(tables) {
    caller_.kind = policy::Principal::Kind::User;
    caller_.account = account;
    caller_.arn =
        "arn:aws:iam::" + std::string(account) + ":user/" + std::string(kAdministratorName);
    caller_.username = kAdministratorName;
}

service::OpContext Calls::context(UtcInstant at) {
    return {at, axis_, ids_, caller_, "127.0.0.1", region_, administrator(), random_};
}

Result<void>
Calls::s3(std::string_view method, std::string_view target, std::string_view document) {
    RequestHead head;
    head.method = method;
    head.target = target;
    head.received_at = now_;
    head.content_length = document.size();
    head.headers.add("Host", "s3." + region_ + ".amazonaws.com");
    const Md5Digest digest = md5(document);
    head.headers.add("Content-MD5", to_base64(digest)); // some operations insist on one
    const auto resolved = s3::resolve_target(head);
    if (!resolved) {
        return resolved.error();
    }
    const Query query = Query::parse(head.query());
    const auto operation = s3::route(head, *resolved, query);
    if (!operation) {
        return operation.error();
    }
    auth::Authenticated authenticated;
    authenticated.type = auth::AuthType::RestHeader;
    authenticated.region = region_;
    const s3::S3Request request{head, *resolved, query, authenticated};
    auto input = (*operation)->decode(request);
    if (!input) {
        return input.error();
    }
    if (auto decoded = (*operation)->decode_document(**input, document); !decoded) {
        return decoded.error();
    }
    auto answer = (*operation)->write(tx_, context(now_), request, **input, nullptr);
    if (!answer) {
        return answer.error();
    }
    return {};
}

Result<Response> Calls::query(
    std::string_view service,
    std::string_view operation,
    const std::vector<std::pair<std::string, std::string>>& parameters
) {
    std::string body = "Action=" + std::string(operation);
    for (const auto& [name, value] : parameters) {
        body += '&' + percent_encode(name, SlashRule::Encode) + '=' +
                percent_encode(value, SlashRule::Encode);
    }
    const service::Operation* const row = find(service, operation);
    if (row == nullptr) {
        return AwsError(
            501,
            "NotImplemented",
            "Benchtop has no operation " + std::string(operation) + " of " + std::string(service) +
                "."
        );
    }
    RequestHead head;
    head.method = "POST";
    head.target = "/";
    head.received_at = now_;
    const service::OpContext given = context(now_);
    service::Call call{head, body, Query::parse(body), {}, {}, given, ids_.request_id};
    return run(*row, call);
}

Result<Response> Calls::rest(
    std::string_view service,
    std::string_view operation,
    std::vector<std::string> labels,
    boost::json::object body,
    std::string_view query
) {
    const service::Operation* const row = find(service, operation);
    if (row == nullptr) {
        return AwsError(
            501,
            "NotImplemented",
            "Benchtop has no operation " + std::string(operation) + " of " + std::string(service) +
                "."
        );
    }
    RequestHead head;
    head.method = row->method;
    head.target = std::string(row->path) + (query.empty() ? "" : "?") + std::string(query);
    head.received_at = now_;
    const service::OpContext given = context(now_ - (service == "lambda" ? kSettled : seconds{0}));
    const std::string text = boost::json::serialize(body);
    service::Call call{
        head,
        text,
        Query::parse(query),
        std::move(labels),
        std::move(body),
        given,
        ids_.request_id};
    return run(*row, call);
}

Result<Response> Calls::run(const service::Operation& operation, service::Call& call) {
    // What a request is asked for before it runs may also be what refuses it.
    if (operation.access_requests != nullptr) {
        if (auto asked = operation.access_requests(tx_, call); !asked) {
            return asked.error();
        }
    }
    return operation.write(tx_, call);
}

const service::Operation* Calls::find(std::string_view service, std::string_view operation) const {
    for (const service::ServiceTable& table : tables_) {
        if (table.name != service) {
            continue;
        }
        for (const service::Operation& row : table.operations) {
            if (row.name == operation && row.write != nullptr) {
                return &row;
            }
        }
    }
    return nullptr;
}

} // namespace benchtop::stack
