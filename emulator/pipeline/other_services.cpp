// STS, IAM, Lambda, API Gateway's control plane and Logs: told apart by the credential scope.
// Signatures are verified; of the operations there is GetCallerIdentity, the rest is refused in the
// service's own words.
#include "emulator/pipeline/conversation.hpp"
#include "emulator/protocol/error_render.hpp"
#include "emulator/sts/get_caller_identity.hpp"

#include <algorithm>
#include <array>

namespace benchtop::pipeline {
namespace {

constexpr std::size_t kBodyMax = 1 << 20;

auth::ErrorFamily family_of(std::string_view service, const RequestHead& head) {
    if (head.headers.has("x-amz-target")) {
        return auth::ErrorFamily::Json11;
    }
    constexpr std::array query{"sts", "iam", "sns", "ec2", "cloudformation", "monitoring"};
    return std::find(query.begin(), query.end(), service) != query.end()
               ? auth::ErrorFamily::Query
               : auth::ErrorFamily::RestJson;
}

class OtherServiceConversation final : public Conversation {
public:
    OtherServiceConversation(Services& services, const RequestHead& head, std::string_view service)
        : services_(services)
        , head_(head)
        , service_(service)
        , family_(family_of(service, head))
        , request_id_(make_uuid(services.random)) {}

    Action begin() override { return ReadBody{kBodyMax}; }

    std::optional<Respond> body(ByteView bytes) override {
        body_.append(bytes);
        return std::nullopt;
    }

    Action body_end() override {
        const std::string hash = sha256_hex(body_.text());
        TimeAxis axis;
        std::optional<Result<auth::Authenticated>> verified;
        std::shared_ptr<const Identity> identity;
        services_.store.read([&](const store::ReadTx& tx) {
            axis = tx.time_axis();
            auth::VerifyContext context{.now = head_.received_at, .axis = axis};
            context.service = service_;
            context.family = family_;
            context.body_sha256 = hash;
            Services::Caches::Lease slot(*services_.caches);
            slot->refresh(services_.store.identity_epoch(), services_.store.configuration_epoch());
            IdentityLookup keys(*slot, tx);
            verified.emplace(auth::verify(head_, context, keys, slot->signing_keys));
            identity = keys.found();
        });
        if (!*verified) {
            return refuse(verified->error());
        }
        return run(*identity);
    }

    Respond too_large() override {
        return refuse(AwsError(413, "RequestEntityTooLarge", "Request is too large.").closing());
    }

    Respond body_timed_out() override {
        return refuse(AwsError(408, "RequestTimeout", "The body did not arrive.").closing());
    }

    Action committed(store::CommitStatus) override { return refuse(AwsError()); }

    Action invoked(std::optional<InvokeOutcome>) override { return refuse(AwsError()); }

private:
    Respond run(const Identity& identity) {
        if (family_ != auth::ErrorFamily::Query) {
            const int status = family_ == auth::ErrorFamily::Json11 ? 400 : 404;
            return refuse(AwsError(
                status,
                "UnknownOperationException",
                "Benchtop does not implement this operation of " + service_ + " yet."
            ));
        }
        const Query form = Query::parse(body_.text());
        const std::string_view action = form.get("Action");
        const std::string_view version = form.get("Version");
        if (service_ == "sts" && action == "GetCallerIdentity") {
            Response answer = sts::get_caller_identity(identity.principal, request_id_);
            answer.headers.add("Date", to_http_date(services_.clock.now()));
            return Respond{std::move(answer)};
        }
        return refuse(AwsError(
            400,
            "InvalidAction",
            "Could not find operation " + std::string(action) + " for version " +
                std::string(version)
        ));
    }

    Respond refuse(const AwsError& error) {
        switch (family_) {
        case auth::ErrorFamily::Query:
            return {protocol::render_query_error(
                error,
                service_ == "sts" ? "https://sts.amazonaws.com/doc/2011-06-15/"
                                  : "https://iam.amazonaws.com/doc/2010-05-08/",
                request_id_,
                protocol::ServerStamp{services_.clock.now()}
            )};
        case auth::ErrorFamily::Json11:
            return {protocol::render_json11_error(
                error, request_id_, protocol::ServerStamp{services_.clock.now()}
            )};
        case auth::ErrorFamily::RestJson:
        case auth::ErrorFamily::S3:
            break;
        }
        return {protocol::render_rest_json_error(
            error, request_id_, protocol::ServerStamp{services_.clock.now()}
        )};
    }

    Services& services_;
    const RequestHead& head_;
    std::string service_;
    auth::ErrorFamily family_;
    std::string request_id_;
    CollectedBody body_;
};

} // namespace

std::unique_ptr<Conversation> make_other_service_conversation(
    Services& services, const RequestHead& head, std::string_view service
) {
    return std::make_unique<OtherServiceConversation>(services, head, service);
}

} // namespace benchtop::pipeline
