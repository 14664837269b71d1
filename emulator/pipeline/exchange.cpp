#include "emulator/pipeline/exchange.hpp"

#include "emulator/apigateway/gateway.hpp"
#include "emulator/core/assert.hpp"
#include "emulator/core/encoding.hpp"
#include "emulator/faults/rules.hpp"
#include "emulator/pipeline/aws_hosts.hpp"
#include "emulator/pipeline/conversation.hpp"
#include "emulator/pipeline/faulty_conversation.hpp"
#include "emulator/pipeline/recorded_conversation.hpp"
#include "emulator/pipeline/recorder.hpp"
#include "emulator/pipeline/refusals.hpp"
#include "emulator/pipeline/service_tables.hpp"
#include "emulator/protocol/error_render.hpp"

#include <algorithm>
#include <array>

namespace benchtop::pipeline {
namespace {

constexpr std::string_view kAdminPrefix = "/_benchtop";

// "AKID/DATE/REGION/SERVICE/aws4_request" of the Authorization header, or of the query of a
// presigned Query request (an Action is what tells it from S3's), or "".
std::string credential_of(const RequestHead& head) {
    std::string_view text = head.headers.get("authorization");
    std::string_view name = "Credential=";
    if (text.empty() && Query::parse(head.query()).has("Action")) {
        text = head.query();
        name = "X-Amz-Credential=";
    }
    const auto credential = text.find(name);
    if (credential == std::string_view::npos) {
        return {};
    }
    text.remove_prefix(credential + name.size());
    return percent_decode(text.substr(0, text.find_first_of(", &")), PlusRule::Literal)
        .value_or("");
}

// SERVICE of "Credential=AKID/DATE/REGION/SERVICE/aws4_request", or "".
std::string_view scope_service(std::string_view scope) {
    const auto terminal = scope.rfind('/');
    if (terminal == std::string_view::npos || terminal == 0) {
        return {};
    }
    const auto service = scope.rfind('/', terminal - 1);
    if (service == std::string_view::npos) {
        return {};
    }
    return scope.substr(service + 1, terminal - service - 1);
}

// A misspelt scope is S3's to refuse; these names are meant.
bool is_other_service(std::string_view service) {
    constexpr std::array known{
        "sts",
        "iam",
        "lambda",
        "apigateway",
        "logs",
        "dynamodb",
        "sqs",
        "sns",
        "events",
        "ec2",
        "cloudformation",
        "kms",
        "secretsmanager",
        "ssm",
        "states",
        "kinesis",
        "monitoring",
        "ecr",
        "ecs",
        "route53"};
    return std::find(known.begin(), known.end(), service) != known.end();
}

// Which service other than S3 is meant: by AWS's own name for it, with which the signature's scope
// has to agree; elsewhere by the scope. "" for S3.
std::string service_of(const RequestHead& head) {
    const std::string named = host_service(head.host());
    if (find_service_table(named) != nullptr) {
        return named;
    }
    const std::string credential = credential_of(head);
    const std::string scope(scope_service(credential));
    if (is_other_service(scope)) {
        return scope;
    }
    return named.empty() || scope.empty() || scope == "s3" ? named : scope;
}

Response api_refusal(Services& services, int status) {
    return apigateway::error_response(
        status, {services.clock.now(), make_apigw_request_id(services.random), false}
    );
}

} // namespace

namespace {

// Of the error documents of all dialects: <Code>, __type, or x-amzn-ErrorType.
std::string error_code_of(const Response& response) {
    const auto* const text = std::get_if<std::string>(&response.body);
    if (response.status < 400) {
        return {};
    }
    if (const auto type = response.headers.find("x-amzn-errortype")) {
        return cut_activity(type->substr(0, type->find(':')));
    }
    const std::pair<std::string_view, char> marks[] = {{"<Code>", '<'}, {"\"__type\":\"", '"'}};
    for (const auto& [mark, end] : marks) {
        const auto at = text == nullptr ? std::string::npos : text->find(mark);
        if (at != std::string::npos) {
            const auto from = at + mark.size();
            return cut_activity(std::string_view(*text).substr(from, text->find(end, from) - from));
        }
    }
    return {};
}

} // namespace

struct Exchange::Impl {
    Services& services;
    RequestHead head;
    std::unique_ptr<Conversation> conversation;

    std::uint64_t era = 0;
    bool outdated = false; // the last Commit was of an older era
    MonotonicInstant started{};

    explicit Impl(Services& s)
        : services(s) {}

    // Every action passes here: changes are held to the era they were decided in, answers are
    // recorded.
    Action pass(Action action) {
        if (auto* commit = std::get_if<Commit>(&action)) {
            commit->job.run = [this, run = std::move(commit->job.run)](store::WriteTx& tx) mutable {
                outdated = services.era != era;
                return !outdated && run(tx);
            };
        } else if (const auto* answer = std::get_if<Respond>(&action)) {
            record(answer->response);
        } else if (std::holds_alternative<Drop>(action)) {
            Response none;
            none.status = 0;
            record(none);
        }
        return action;
    }

    Respond pass(Respond answer) {
        record(answer.response);
        return answer;
    }

    void record(const Response& response) {
        if (head.path().starts_with(kAdminPrefix)) {
            return; // what a test asks about the record is no part of it
        }
        const Conversation::Facts facts = conversation->facts();
        RequestRecord entry;
        for (const char* const name : {"x-amz-request-id", "x-amzn-requestid", "apigw-requestid"}) {
            if (entry.id.empty()) {
                entry.id = response.headers.get(name);
            }
        }
        entry.at = head.received_at;
        entry.method = cut_activity(head.method);
        entry.host = cut_activity(head.host());
        entry.path = cut_activity(head.path());
        entry.service = facts.service;
        entry.operation = facts.operation;
        entry.caller = facts.caller;
        entry.status = response.status;
        entry.fault = facts.fault;
        entry.code = error_code_of(response);
        entry.duration =
            std::chrono::duration_cast<microseconds>(services.clock.monotonic() - started);
        services.requests.add(std::move(entry));
    }

    // A disk that fails under a step is an internal error to the client.
    template <typename Step>
    auto guarded(Step step) -> decltype(step(*conversation)) {
        try {
            return step(*conversation);
        } catch (const store::StoreFailure& failure) {
            services.log.write(LogLevel::Error, failure.what());
            return conversation->store_failed();
        }
    }

    Respond outdated_answer() {
        return {protocol::render_s3_error(
            AwsError(
                503, "ServiceUnavailable", "The lab was reset or restored while this request ran."
            ),
            make_request_ids(services.random),
            protocol::ServerStamp{services.clock.now()},
            head.method == "HEAD"
        )};
    }

    // The controls themselves never fail on purpose.
    bool has_faults() const {
        return services.faults != nullptr && !services.faults->is_quiet() &&
               !head.path().starts_with(kAdminPrefix);
    }

    std::unique_ptr<Conversation> faulty_choice() {
        auto chosen = choose();
        return has_faults() ? make_faulty_conversation(std::move(chosen), services, head)
                            : std::move(chosen);
    }

    // What clients ask, and what they change by a control; handlers' requests are known by their
    // trace.
    bool is_recorded() const {
        if (services.recorder == nullptr || services.recorder->mode() == RecorderMode::Off ||
            head.headers.has("x-amzn-trace-id")) {
            return false;
        }
        const std::string_view path = head.path();
        return !path.starts_with(kAdminPrefix) ||
               (head.method != "GET" && head.method != "HEAD" &&
                !path.starts_with("/_benchtop/record/") && !path.starts_with("/_benchtop/replay/"));
    }

    std::unique_ptr<Conversation> choose() {
        if (head.listener == Listener::HttpApi) {
            const std::string& api = services.options.http_api_port_api;
            return make_api_conversation(services, head, api, head.path());
        }
        if (auto website = make_website_conversation(services, head)) {
            return website;
        }
        if (head.path().starts_with(kAdminPrefix) && is_local_host(head.host())) {
            return make_admin_conversation(services, head);
        }
        if (auto code = make_function_code_conversation(services, head)) {
            return code;
        }
        if (const auto address = apigateway::path_address(head.path())) {
            return make_api_conversation(
                services, head, std::string(address->api_id), address->path
            );
        }
        if (const auto address = apigateway::api_address(head.host())) {
            return make_api_conversation(services, head, address->api_id, head.path());
        }
        if (const std::string service = service_of(head); !service.empty()) {
            return make_control_plane_conversation(services, head, service);
        }
        return make_s3_conversation(services, head);
    }
};

Exchange::Exchange(Services& services)
    : impl_(std::make_unique<Impl>(services)) {}

Exchange::~Exchange() = default;

Action Exchange::begin(RequestHead head) {
    BT_ASSERT(!impl_->conversation);
    impl_->head = std::move(head);
    impl_->era = impl_->services.era;
    impl_->started = impl_->services.clock.monotonic();
    impl_->conversation = impl_->is_recorded()
                              ? make_recorded_conversation(
                                    [impl = impl_.get()] { return impl->faulty_choice(); },
                                    impl_->services,
                                    impl_->head
                                )
                              : impl_->faulty_choice();
    return impl_->pass(impl_->guarded([](Conversation& it) { return it.begin(); }));
}

std::optional<Respond> Exchange::body(ByteView bytes) {
    auto early = impl_->guarded([&](Conversation& it) { return it.body(bytes); });
    return early ? std::optional(impl_->pass(*std::move(early))) : std::nullopt;
}

Action Exchange::body_end() {
    return impl_->pass(impl_->guarded([](Conversation& it) { return it.body_end(); }));
}

Respond Exchange::too_large() {
    return impl_->pass(impl_->guarded([](Conversation& it) { return it.too_large(); }));
}

Respond Exchange::body_timed_out() {
    return impl_->pass(impl_->guarded([](Conversation& it) { return it.body_timed_out(); }));
}

Action Exchange::committed(store::CommitStatus status) {
    if (impl_->outdated) {
        return impl_->pass(Action(impl_->outdated_answer()));
    }
    return impl_->pass(impl_->guarded([&](Conversation& it) { return it.committed(status); }));
}

Action Exchange::computed() {
    return impl_->pass(impl_->guarded([](Conversation& it) { return it.computed(); }));
}

Action Exchange::waited() {
    return impl_->pass(impl_->guarded([](Conversation& it) { return it.waited(); }));
}

Action Exchange::invoked(std::optional<InvokeOutcome> outcome) {
    return impl_->pass(impl_->guarded([&](Conversation& it) {
        return it.invoked(std::move(outcome));
    }));
}

namespace {

// Nothing of such a request is known but how it was answered.
void keep_unread(Services& services, const Response& response, const AwsError& error) {
    Refusal refusal;
    refusal.of_access = false;
    for (const char* const name : {"x-amz-request-id", "apigw-requestid"}) {
        if (const auto id = response.headers.find(name)) {
            refusal.request_id = *id;
        }
    }
    refusal.at = services.clock.now();
    refusal.request = "a request whose head could not be read";
    refusal.status = response.status;
    refusal.code = error.code();
    refusal.message = error.message();
    services.refusals->add(std::move(refusal));
}

Response
unread_response(Services& services, Listener listener, int api_status, const AwsError& error) {
    Response response = listener == Listener::HttpApi
                            ? api_refusal(services, api_status)
                            : protocol::render_s3_error(
                                  error,
                                  make_request_ids(services.random),
                                  protocol::ServerStamp{services.clock.now()},
                                  false
                              );
    keep_unread(services, response, error);
    return response;
}

} // namespace

Response bad_request_response(Services& services, Listener listener) {
    return unread_response(
        services,
        listener,
        400,
        AwsError(400, "BadRequest", "An error occurred when parsing the HTTP request.").closing()
    );
}

Response header_too_large_response(Services& services, Listener listener) {
    return unread_response(
        services,
        listener,
        431,
        AwsError(
            400,
            "RequestHeaderSectionTooLarge",
            "Your request header section exceeds the maximum allowed size."
        )
            .with("MaxSizeAllowed", "8192")
            .closing()
    );
}

} // namespace benchtop::pipeline
