// An HTTP API's way through the house: address -> stage and route -> event -> function -> answer.
#include "emulator/apigateway/gateway.hpp"
#include "emulator/core/digest.hpp"
#include "emulator/pipeline/api_authorization.hpp"
#include "emulator/pipeline/conversation.hpp"
#include "emulator/pipeline/report.hpp"

namespace benchtop::pipeline {
namespace {

class ApiConversation final : public Conversation {
public:
    ApiConversation(
        Services& services, const RequestHead& head, std::string api_id, std::string_view path
    )
        : services_(services)
        , head_(head)
        , api_id_(std::move(api_id))
        , path_(path) {}

    Action begin() override {
        std::shared_ptr<const apigateway::Api> api;
        {
            Services::Caches::Lease slot(*services_.caches);
            slot->refresh(services_.store.identity_epoch(), services_.store.configuration_epoch());
            api = slot->cached_api(api_id_);
            if (!api) {
                services_.store.read([&](const store::ReadTx& tx) { api = slot->api(tx, api_id_); }
                );
            }
        }
        if (!api) {
            return unknown_api();
        }
        auto planned =
            apigateway::plan(std::move(api), head_, path_, head_.received_at, services_.random);
        if (auto* refusal = std::get_if<apigateway::Refusal>(&planned)) {
            report_api(
                services_,
                ApiReport{
                    head_,
                    path_,
                    refusal->response.headers.get("apigw-requestid"),
                    refusal->response.status,
                    refusal->miss,
                    refusal->suggestion,
                    apigateway::Fault::None,
                    "",
                    "",
                    ""}
            );
            return answer(std::move(refusal->response));
        }
        plan_.emplace(std::get<apigateway::Plan>(std::move(planned)));
        if (!services_.throttle.admit(
                *plan_->api, *plan_->match.stage, *plan_->match.route, head_.received_at
            )) {
            return conclude(apigateway::throttled(*plan_, services_.clock.now()));
        }
        if (head_.chunked || head_.content_length.value_or(0) > 0) {
            if (head_.content_length.value_or(0) > plan_->body_limit) {
                return too_large();
            }
            return ReadBody{plan_->body_limit};
        }
        return body_end();
    }

    std::optional<Respond> body(ByteView bytes) override {
        body_.append(bytes);
        return std::nullopt;
    }

    Action body_end() override {
        if (plan_->match.route->authorization_type != "NONE") {
            signed_body_ = sha256_hex(body_.text());
            auto decided = authorize_api(services_, *plan_, head_, *signed_body_);
            if (const auto* refusal = std::get_if<ApiRefusal>(&decided)) {
                return conclude(apigateway::unauthorized(
                    *plan_,
                    refusal->status,
                    refusal->www_authenticate,
                    refusal->cause,
                    services_.clock.now()
                ));
            }
            plan_->authorizer = std::get<ApiAdmission>(std::move(decided)).authorizer;
        }
        auto made = apigateway::make_invoke(
            *plan_, head_, body_.text(), head_.received_at, services_.random
        );
        if (auto* early = std::get_if<apigateway::Answer>(&made)) {
            return conclude(std::move(*early));
        }
        return Invoke{std::get<InvokeRequest>(std::move(made)), plan_->timeout};
    }

    Respond too_large() override {
        apigateway::Answer result = apigateway::too_large(*plan_, services_.clock.now());
        report(result);
        return answer(std::move(result.response));
    }

    Respond body_timed_out() override {
        apigateway::Answer result;
        result.response = apigateway::error_response(
            408, {services_.clock.now(), plan_->request_id, plan_->is_head}
        );
        report(result);
        return answer(std::move(result.response));
    }

    Facts facts() const override { return {"execute-api", {}, {}}; }

    Action committed(store::CommitStatus) override {
        return answer(apigateway::error_response(500, {services_.clock.now(), "", false}));
    }

    Action invoked(std::optional<InvokeOutcome> outcome) override {
        return conclude(apigateway::finish(*plan_, std::move(outcome), services_.clock.now()));
    }

    Respond store_failed() override {
        const std::string id = plan_ ? plan_->request_id : make_apigw_request_id(services_.random);
        return answer(
            apigateway::error_response(500, {services_.clock.now(), id, head_.method == "HEAD"})
        );
    }

private:
    Respond unknown_api() {
        Response response = apigateway::unknown_api(head_, services_.clock.now(), services_.random);
        report_api(
            services_,
            ApiReport{
                head_,
                path_,
                response.headers.get("x-amzn-requestid"),
                response.status,
                std::nullopt,
                "",
                apigateway::Fault::None,
                "there is no API with the id " + api_id_,
                "",
                ""}
        );
        return answer(std::move(response));
    }

    Action conclude(apigateway::Answer result) {
        report(result);
        return answer(std::move(result.response));
    }

    void report(const apigateway::Answer& result) {
        const std::string function = apigateway::function_arn(*plan_).value_or("");
        report_api(
            services_,
            ApiReport{
                head_,
                path_,
                plan_->request_id,
                result.response.status,
                std::nullopt,
                "",
                result.fault,
                result.cause,
                function,
                apigateway::source_arn(*plan_),
                plan_->match.route->authorization_type == "AWS_IAM" ? &signed_body_ : nullptr}
        );
    }

    static Respond answer(Response response) {
        response.announces_keep_alive = true;
        return Respond{std::move(response)};
    }

    Services& services_;
    const RequestHead& head_;
    std::string api_id_;
    std::string_view path_;
    std::optional<apigateway::Plan> plan_;
    CollectedBody body_;
    std::optional<std::string> signed_body_; // digest, once a signature is asked for
};

} // namespace

std::unique_ptr<Conversation> make_api_conversation(
    Services& services, const RequestHead& head, std::string api_id, std::string_view path
) {
    return std::make_unique<ApiConversation>(services, head, std::move(api_id), path);
}

} // namespace benchtop::pipeline
