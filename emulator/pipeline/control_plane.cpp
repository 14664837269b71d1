// STS, IAM, Lambda, API Gateway's control plane and Logs: told apart by the credential scope, the
// Host and X-Amz-Target. Every signature is verified and every permission asked for here; what the
// service then does is a row of its table.
#include "emulator/core/encoding.hpp"
#include "emulator/core/ids.hpp"
#include "emulator/pipeline/authorizer.hpp"
#include "emulator/pipeline/aws_hosts.hpp"
#include "emulator/pipeline/conversation.hpp"
#include "emulator/pipeline/refusals.hpp"
#include "emulator/pipeline/service_tables.hpp"
#include "emulator/protocol/error_render.hpp"
#include "emulator/protocol/json_input.hpp"

#include <algorithm>
#include <array>

namespace benchtop::pipeline {
namespace {

using service::Operation;
using service::Protocol;
using service::ServiceTable;

constexpr std::size_t kUnknownBodyMax = 1024 * 1024;

auth::ErrorFamily family_of(Protocol protocol) {
    switch (protocol) {
    case Protocol::Query:
        return auth::ErrorFamily::Query;
    case Protocol::Json11:
        return auth::ErrorFamily::Json11;
    case Protocol::RestJson:
        break;
    }
    return auth::ErrorFamily::RestJson;
}

// The dialect of a service without a table, so that it can be refused in it.
Protocol protocol_of(std::string_view service, const RequestHead& head) {
    if (head.headers.has("x-amz-target")) {
        return Protocol::Json11;
    }
    constexpr std::array query{"sns", "ec2", "cloudformation", "monitoring"};
    return std::find(query.begin(), query.end(), service) != query.end() ? Protocol::Query
                                                                         : Protocol::RestJson;
}

// "a/b/c" cut at '/', a trailing '/' left out.
std::vector<std::string_view> segments_of(std::string_view path) {
    std::vector<std::string_view> segments;
    while (!path.empty()) {
        path.remove_prefix(path.front() == '/' ? 1 : 0);
        if (path.empty()) {
            break;
        }
        const std::size_t slash = std::min(path.find('/'), path.size());
        segments.push_back(path.substr(0, slash));
        path.remove_prefix(slash);
    }
    return segments;
}

// A bad escape is taken literally: no resource has such a name.
std::string decoded(std::string_view text) {
    return percent_decode(text, PlusRule::Literal).value_or(std::string(text));
}

// The labels' values; nullopt: the path is another.
std::optional<std::vector<std::string>>
match_path(std::string_view pattern, const std::vector<std::string_view>& segments) {
    std::vector<std::string> labels;
    const auto wanted = segments_of(pattern);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (i >= segments.size()) {
            return std::nullopt;
        }
        const bool label = wanted[i].starts_with('{');
        if (label && wanted[i].ends_with("+}")) {
            const char* const end = segments.back().data() + segments.back().size();
            labels.push_back(
                decoded({segments[i].data(), static_cast<std::size_t>(end - segments[i].data())})
            );
            return labels;
        }
        if (label) {
            labels.push_back(decoded(segments[i]));
        } else if (wanted[i] != segments[i]) {
            return std::nullopt;
        }
    }
    return wanted.size() == segments.size() ? std::optional(std::move(labels)) : std::nullopt;
}

bool selected(const Operation& row, const RequestHead& head) {
    return row.selector_header.empty() ||
           head.headers.get(row.selector_header) == row.selector_value;
}

class ControlPlaneConversation final : public Conversation {
public:
    ControlPlaneConversation(Services& services, const RequestHead& head, std::string_view service)
        : services_(services)
        , head_(head)
        , service_(service)
        , table_(find_service_table(service))
        , protocol_(table_ ? table_->protocol : protocol_of(service, head))
        , request_id_(make_uuid(services.random)) {}

    Action begin() override {
        if (protocol_ != Protocol::Query) {
            find_by_head();
        }
        return ReadBody{operation_ ? operation_->body_max : kUnknownBodyMax};
    }

    std::optional<Respond> body(ByteView bytes) override {
        body_.append(bytes);
        return std::nullopt;
    }

    Action body_end() override {
        body_sha256_ = sha256_hex(body_.text());
        std::optional<Action> action;
        services_.store.read([&](const store::ReadTx& tx) {
            if (auto verified = authenticate(tx, *body_sha256_); !verified) {
                action = refuse(verified.error());
            } else if (auto prepared = prepare(); !prepared) {
                action = refuse(prepared.error());
            } else if (operation_->write == nullptr) {
                action = run_read(tx);
            }
        });
        return action ? *std::move(action) : run_write();
    }

    Respond too_large() override {
        AwsError error =
            operation_ && operation_->too_large != nullptr
                ? operation_->too_large()
                : AwsError(413, "RequestEntityTooLargeException", "Request is too large.");
        return refuse(std::move(error).closing());
    }

    Respond body_timed_out() override {
        return refuse(AwsError(408, "RequestTimeout", "The body did not arrive.").closing());
    }

    Facts facts() const override {
        return {service_, operation_ != nullptr ? operation_->name : std::string_view{}, caller_};
    }

    Action committed(store::CommitStatus status) override {
        if (result_ && !*result_) {
            return refuse(result_->error());
        }
        if (status != store::CommitStatus::Committed) {
            return refuse(internal_error("The change could not be stored."));
        }
        return finish(*std::move(result_));
    }

    Action invoked(std::optional<InvokeOutcome> outcome) override {
        return finish(operation_->finish(*call_, std::move(outcome)));
    }

    Respond store_failed() override {
        return refuse(internal_error("The store could not be read."));
    }

private:
    // As the common errors of each dialect's services name it.
    AwsError internal_error(std::string_view message) const {
        switch (protocol_) {
        case Protocol::Query:
            return AwsError(500, "InternalFailure", std::string(message));
        case Protocol::Json11:
            return AwsError(500, "ServiceUnavailableException", std::string(message));
        default:
            return AwsError(500, "ServiceException", std::string(message));
        }
    }

    void find_by_head() {
        if (table_ == nullptr) {
            return;
        }
        if (protocol_ == Protocol::Json11) {
            std::string_view target = head_.headers.get("x-amz-target");
            const std::size_t dot = target.find('.');
            if (dot != std::string_view::npos && target.substr(0, dot) == table_->target) {
                find_by_name(target.substr(dot + 1));
            }
            return;
        }
        const auto segments = segments_of(head_.path());
        for (const Operation& row : table_->operations) {
            if (row.method == head_.method && selected(row, head_)) {
                if (auto labels = match_path(row.path, segments)) {
                    labels_ = *std::move(labels);
                    operation_ = &row;
                    return;
                }
            }
        }
    }

    void find_by_name(std::string_view name) {
        for (const Operation& row : table_->operations) {
            if (row.name == name) {
                operation_ = &row;
                return;
            }
        }
    }

    Result<void> authenticate(const store::ReadTx& tx, std::string_view hash) {
        axis_ = tx.time_axis();
        auth::VerifyContext context{.now = head_.received_at, .axis = axis_};
        context.service = service_;
        context.family = family_of(protocol_);
        context.body_sha256 = hash;
        const std::string named_region = host_region(head_.host());
        if (!named_region.empty()) {
            context.expected_region = named_region;
        }
        Services::Caches::Lease slot(*services_.caches);
        slot->refresh(services_.store.identity_epoch(), services_.store.configuration_epoch());
        IdentityLookup keys(*slot, tx);
        auto verified = auth::verify(head_, context, keys, slot->signing_keys);
        if (!verified) {
            return verified.error();
        }
        authenticated_ = *std::move(verified);
        caller_ = keys.found() ? keys.found()->principal.arn : std::string();
        authorizer_.emplace(
            keys.found(),
            head_,
            authenticated_,
            head_.received_at,
            authenticated_.signed_at ? axis_.age(*authenticated_.signed_at, head_.received_at)
                                     : microseconds{0},
            policy::MessageStyle::Plain
        );
        return {};
    }

    // Finds the row (a Query request names it in its body) and what it will look at.
    Result<void> prepare() {
        Query parameters = Query::parse(head_.query());
        if (protocol_ == Protocol::Query) {
            if (Query form = Query::parse(body_.text()); form.has("Action")) {
                parameters = std::move(form);
            }
            if (table_ != nullptr) {
                find_by_name(parameters.get("Action"));
            }
        }
        if (operation_ == nullptr) {
            return unknown_operation(parameters);
        }
        region_ = authenticated_.region;
        context_.emplace(service::OpContext{
            head_.received_at,
            axis_,
            ids_,
            authorizer_->caller(),
            head_.source_ip,
            region_,
            *authorizer_,
            services_.random});
        ids_.request_id = request_id_;
        boost::json::object json;
        if (protocol_ != Protocol::Query && !operation_->opaque_body) {
            auto parsed = protocol::parse_json_object(body_.text());
            if (!parsed) {
                return parsed.error();
            }
            json = *std::move(parsed);
        }
        call_.emplace(service::Call{
            head_,
            body_.text(),
            std::move(parameters),
            std::move(labels_),
            std::move(json),
            *context_,
            request_id_});
        return {};
    }

    AwsError unknown_operation(const Query& parameters) const {
        if (protocol_ == Protocol::Query) {
            const std::string version(parameters.get("Version"));
            return AwsError(
                400,
                "InvalidAction",
                "Could not find operation " + std::string(parameters.get("Action")) +
                    " for version " + (table_ ? std::string(table_->version) : version)
            );
        }
        return AwsError(
            protocol_ == Protocol::Json11 ? 400 : 404,
            "UnknownOperationException",
            "Benchtop does not implement this operation of " + service_ + " yet."
        );
    }

    Result<void> authorize(const store::ReadTx& tx) {
        if (operation_->access_requests == nullptr) {
            return {};
        }
        authorizer_->look_in(tx, nullptr);
        auto requests = operation_->access_requests(tx, *call_);
        if (!requests) {
            return requests.error();
        }
        for (const auto& request : *requests) {
            if (auto allowed = authorizer_->check(request); !allowed) {
                return allowed.error();
            }
        }
        return {};
    }

    Action run_read(const store::ReadTx& tx) {
        if (auto allowed = authorize(tx); !allowed) {
            return refuse(allowed.error());
        }
        if (operation_->invoke == nullptr) {
            return finish(operation_->read(tx, *call_));
        }
        auto invocation = operation_->invoke(tx, *call_);
        if (!invocation) {
            return refuse(invocation.error());
        }
        return Invoke{std::move(invocation->request), invocation->deadline};
    }

    Action run_write() {
        Commit commit;
        commit.job.run = [this](store::WriteTx& tx) {
            if (auto allowed = authorize(tx); !allowed) {
                result_.emplace(allowed.error());
            } else {
                result_.emplace(operation_->write(tx, *call_));
            }
            return result_->has_value();
        };
        return commit;
    }

    Respond finish(Result<Response> result) {
        if (!result) {
            return refuse(result.error());
        }
        Response response = *std::move(result);
        Headers headers;
        if (protocol_ == Protocol::RestJson) {
            headers.add("Date", to_http_date(services_.clock.now()));
            if (!response.headers.has("content-type") && response.body_size() > 0) {
                headers.add("Content-Type", "application/json");
            }
            response.announces_keep_alive = true;
        }
        headers.add("x-amzn-RequestId", request_id_);
        add_own_id(headers);
        if (protocol_ == Protocol::Json11) {
            headers.add("Content-Type", "application/x-amz-json-1.1");
        }
        for (const auto& [name, value] : response.headers.entries()) {
            headers.add(name, value);
        }
        if (protocol_ != Protocol::RestJson) {
            headers.add("Date", to_http_date(services_.clock.now()));
        }
        response.headers = std::move(headers);
        return Respond{std::move(response)};
    }

    // The authorizer's refusals are S3's; each service has a code, and Lambda a spelling, of its
    // own.
    AwsError in_dialect(const AwsError& error) const {
        if (protocol_ == Protocol::Query || error.code() != "AccessDenied") {
            return error;
        }
        AwsError out(
            protocol_ == Protocol::Json11 ? 400 : 403, "AccessDeniedException", error.message()
        );
        if (service_ == "lambda") {
            out.with("Message", error.message());
        }
        return out;
    }

    void keep_refusal(const AwsError& error) {
        const bool by_policy = error.code().starts_with("AccessDenied");
        const auto denied = by_policy && authorizer_ ? authorizer_->denied() : std::nullopt;
        if (!denied && error.status() < 400) {
            return;
        }
        Refusal refusal;
        refusal.of_access = denied || error.status() == 403;
        SignedRequest request;
        request.head = head_;
        request.family = family_of(protocol_);
        request.service = service_;
        request.body_sha256 = body_sha256_;
        refusal.signed_request = keep_request(std::move(request));
        refusal.request_id = request_id_;
        refusal.at = head_.received_at;
        refusal.request = table_ ? std::string(table_->name) : service_;
        if (operation_ != nullptr) {
            refusal.request += " " + std::string(operation_->name);
        }
        refusal.status = error.status();
        refusal.code = error.code();
        refusal.message = error.message();
        if (denied) {
            explain(refusal, *denied);
        }
        services_.refusals->add(std::move(refusal));
    }

    Respond refuse(const AwsError& given) {
        const AwsError error = in_dialect(given);
        keep_refusal(error);
        const protocol::ServerStamp stamp{services_.clock.now()};
        switch (protocol_) {
        case Protocol::Query:
            return {protocol::render_query_error(
                error,
                table_ ? table_->xmlns : std::string_view("http://webservices.amazon.com/"),
                request_id_,
                stamp
            )};
        case Protocol::Json11:
            return {protocol::render_json11_error(error, request_id_, stamp)};
        case Protocol::RestJson:
            break;
        }
        Response response = protocol::render_rest_json_error(error, request_id_, stamp);
        add_own_id(response.headers);
        return {std::move(response)};
    }

    // API Gateway's answers carry an id of its own beside the common one.
    void add_own_id(Headers& headers) {
        if (service_ == "apigateway") {
            headers.add("x-amz-apigw-id", make_apigw_request_id(services_.random));
        }
    }

    Services& services_;
    const RequestHead& head_;
    std::string service_;
    const ServiceTable* table_; // null: a service without one
    Protocol protocol_;
    std::string request_id_;
    RequestIds ids_;
    const Operation* operation_ = nullptr;
    std::vector<std::string> labels_;
    CollectedBody body_;
    std::optional<std::string> body_sha256_;
    TimeAxis axis_;
    auth::Authenticated authenticated_;
    std::string caller_; // ARN
    std::optional<RequestAuthorizer> authorizer_;
    std::string region_;
    std::optional<service::OpContext> context_;
    std::optional<service::Call> call_;
    std::optional<Result<Response>> result_;
};

} // namespace

std::unique_ptr<Conversation> make_control_plane_conversation(
    Services& services, const RequestHead& head, std::string_view service
) {
    return std::make_unique<ControlPlaneConversation>(services, head, service);
}

} // namespace benchtop::pipeline
