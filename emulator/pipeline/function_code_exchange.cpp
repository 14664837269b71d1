// The download of a function's code by the URL GetFunction gave: one presigned GET of a bucket that
// is Lambda's. The signature decides alone; no policy is asked, as Lambda's own role made the URL.
#include "emulator/auth/verify.hpp"
#include "emulator/core/assert.hpp"
#include "emulator/lambda/code_location.hpp"
#include "emulator/pipeline/conversation.hpp"
#include "emulator/pipeline/report.hpp"
#include "emulator/protocol/error_render.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/target.hpp"

namespace benchtop::pipeline {
namespace {

class OneKey final : public auth::KeyLookup {
public:
    explicit OneKey(const auth::KeyRecord& key)
        : key_(std::make_shared<auth::KeyRecord>(key)) {}

    std::shared_ptr<const auth::KeyRecord> find(std::string_view access_key_id) override {
        return access_key_id == key_->access_key_id ? key_ : nullptr;
    }

private:
    std::shared_ptr<const auth::KeyRecord> key_;
};

class FunctionCodeConversation final : public Conversation {
public:
    FunctionCodeConversation(
        Services& services, const RequestHead& head, lambda::CodeAddress address
    )
        : services_(services)
        , head_(head)
        , address_(std::move(address))
        , ids_(make_request_ids(services.random)) {
        target_.bucket = "awslambda-" + address_.region + "-tasks";
        target_.key =
            "snapshots/" + address_.account + "/" + address_.function + "-" + address_.snapshot;
    }

    Action begin() override {
        Result<Response> answer = s3::access_denied();
        if (Query::parse(head_.query()).has("X-Amz-Signature") &&
            !head_.headers.has("authorization")) {
            services_.store.read([&](const store::ReadTx& tx) { answer = serve(tx); });
        }
        return finish(answer);
    }

    // What comes with a GET is not read.
    std::optional<Respond> body(ByteView) override { return std::nullopt; }

    Action body_end() override { return begin(); }

    Respond too_large() override { return finish(s3::malformed_xml()); }

    Respond body_timed_out() override { return finish(s3::request_timeout()); }

    Action committed(store::CommitStatus) override {
        BT_ASSERT(false);
        return begin();
    }

    Action invoked(std::optional<InvokeOutcome>) override {
        BT_ASSERT(false);
        return begin();
    }

    Respond store_failed() override {
        return finish(s3::internal_error("the store could not be read"));
    }

    Facts facts() const override { return {"s3", "GetObject", {}}; }

private:
    Result<Response> serve(const store::ReadTx& tx) const {
        const auto found = lambda::find_code(tx, address_);
        if (!found) {
            return s3::no_such_key(target_.key);
        }
        const TimeAxis axis = tx.time_axis();
        auth::VerifyContext context{.now = head_.received_at, .axis = axis};
        context.expected_region = address_.region;
        OneKey keys(found->key);
        auth::SigningKeyCache cache(1);
        if (const auto verified = auth::verify(head_, context, keys, cache); !verified) {
            return verified.error();
        }
        auto zip = tx.find_document(store::kFunctionCodeSpace, found->function.code);
        if (!zip) {
            return s3::no_such_key(target_.key);
        }
        Response response;
        response.headers.add("x-amz-id-2", ids_.host_id);
        response.headers.add("x-amz-request-id", ids_.request_id);
        response.headers.add("Date", to_http_date(services_.clock.now()));
        response.headers.add("Last-Modified", to_http_date(found->function.last_modified));
        response.headers.add("x-amz-server-side-encryption", "AES256");
        response.headers.add("x-amz-version-id", found->version_id);
        response.headers.add("Content-Type", "application/zip");
        response.headers.add("Server", "AmazonS3");
        response.body = *std::move(zip);
        return response;
    }

    Respond finish(Result<Response> answer) const {
        std::optional<AwsError> error;
        if (!answer) {
            error = answer.error();
        }
        Response response = error ? protocol::render_s3_error(
                                        *error,
                                        ids_,
                                        protocol::ServerStamp{services_.clock.now()},
                                        head_.method == "HEAD"
                                    )
                                  : *std::move(answer);
        report_s3(
            services_,
            S3Report{
                head_,
                target_,
                "GetObject",
                response.status,
                error ? &*error : nullptr,
                ids_,
                nullptr,
                nullptr}
        );
        return Respond{std::move(response)};
    }

    Services& services_;
    const RequestHead& head_;
    lambda::CodeAddress address_;
    s3::Target target_;
    RequestIds ids_;
};

} // namespace

std::unique_ptr<Conversation>
make_function_code_conversation(Services& services, const RequestHead& head) {
    auto address = lambda::code_address(head);
    return address ? std::make_unique<FunctionCodeConversation>(services, head, *std::move(address))
                   : nullptr;
}

} // namespace benchtop::pipeline
