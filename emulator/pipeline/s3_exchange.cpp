// S3's way through the house: head -> routed -> authenticated -> authorized -> input -> body ->
// output -> response.
#include "emulator/auth/form.hpp"
#include "emulator/core/assert.hpp"
#include "emulator/pipeline/authorizer.hpp"
#include "emulator/pipeline/conversation.hpp"
#include "emulator/pipeline/report.hpp"
#include "emulator/protocol/error_render.hpp"
#include "emulator/s3/cors.hpp"
#include "emulator/s3/document_integrity.hpp"
#include "emulator/s3/endpoint.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/operation.hpp"
#include "emulator/s3/post_form.hpp"
#include "emulator/s3/requester_pays.hpp"
#include "emulator/s3/stored_digests.hpp"

namespace benchtop::pipeline {
namespace {

constexpr std::size_t kHeaderSectionMax = 8192;
constexpr std::size_t kIgnoredBodyMax = 1 << 20;
constexpr int kVanishedBodyRetries = 5;
constexpr int kOutdatedWorkRetries = 5;

std::size_t header_section_bytes(const RequestHead& head) {
    std::size_t bytes = 0;
    for (const auto& [name, value] : head.headers.entries()) {
        bytes += name.size() + value.size() + 4;
    }
    return bytes;
}

class S3Conversation final : public Conversation {
public:
    S3Conversation(Services& services, const RequestHead& head)
        : services_(services)
        , head_(head)
        , ids_(make_request_ids(services.random)) {}

    Action begin() override {
        if (header_section_bytes(head_) > kHeaderSectionMax) {
            return refuse(s3::request_header_section_too_large(kHeaderSectionMax));
        }
        auto target = s3::resolve_target(head_);
        if (!target) {
            return refuse(target.error());
        }
        target_ = *std::move(target);
        endpoint_region_ = s3::endpoint_region(head_, target_);
        query_ = Query::parse(head_.query());
        if (head_.method == "OPTIONS") {
            return preflight();
        }
        auto operation = s3::route(head_, target_, query_);
        if (!operation) {
            return refuse(before_route(operation.error()));
        }
        operation_ = *operation;
        if (operation_->body == s3::BodyKind::Form) {
            return begin_form();
        }

        std::optional<Action> action;
        for (int attempt = 0; !action; ++attempt) {
            services_.store.read([&](const store::ReadTx& tx) { action = admit(tx); });
            if (vanished_ && attempt < kVanishedBodyRetries) {
                vanished_ = false;
                action.reset(); // the body was deleted between snapshot and open: look again
            }
        }
        return *std::move(action);
    }

    std::optional<Respond> body(ByteView bytes) override {
        if (form_upload_) {
            if (auto fed = form_upload_->feed(bytes); !fed) {
                return respond_error(fed.error());
            }
            return std::nullopt;
        }
        if (object_body_) {
            if (auto fed = object_body_->feed(bytes); !fed) {
                return respond_error(fed.error());
            }
            return std::nullopt;
        }
        document_.append(bytes);
        return std::nullopt;
    }

    Action body_end() override {
        if (form_upload_) {
            if (auto complete = form_upload_->finish(); !complete) {
                return refuse(complete.error());
            }
        }
        if (object_body_) {
            auto staged = object_body_->finish();
            object_body_.reset();
            if (!staged) {
                return refuse(staged.error());
            }
            staged_.emplace(*std::move(staged));
            return run_write();
        }
        if (operation_->body == s3::BodyKind::Document) {
            if (auto intact =
                    s3::check_document_integrity(*request_, operation_->name, document_.text());
                !intact) {
                return refuse(intact.error());
            }
            if (auto decoded = operation_->decode_document(*input_, document_.text()); !decoded) {
                return refuse(decoded.error());
            }
        }
        if (operation_->access == s3::Access::Write) {
            return begin_write();
        }
        std::optional<Action> action;
        services_.store.read([&](const store::ReadTx& tx) { action = run_read(tx); });
        return *std::move(action);
    }

    Respond too_large() override {
        if (operation_->body == s3::BodyKind::Document) {
            return respond_error(s3::max_message_length_exceeded(operation_->document_max));
        }
        return respond_error(s3::malformed_xml());
    }

    Facts facts() const override {
        return {
            "s3",
            operation_ != nullptr ? operation_->name : std::string_view{},
            identity_ != nullptr ? identity_->principal.arn : std::string()};
    }

    Respond body_timed_out() override { return respond_error(s3::request_timeout()); }

    Action committed(store::CommitStatus status) override {
        if (status == store::CommitStatus::Failed) {
            return refuse(s3::internal_error("the commit failed"));
        }
        BT_ASSERT(result_.has_value());
        if (!*result_ && result_->error().code() == s3::kWorkOutdated) {
            if (++outdated_ > kOutdatedWorkRetries) {
                return refuse(s3::internal_error("what was computed is outdated again and again"));
            }
            result_.reset();
            return begin_write();
        }
        return finish(*std::move(result_));
    }

    Action computed() override { return run_write(); }

    Action invoked(std::optional<InvokeOutcome>) override {
        return refuse(s3::internal_error("S3 invokes nothing"));
    }

    Respond store_failed() override {
        bucket_looked_up_ = true; // it will not be
        return respond_error(s3::internal_error("the store could not be read"));
    }

private:
    // A browser's question before a request from a page of another origin: it carries no signature.
    Action preflight() {
        find_bucket();
        auto answer = s3::answer_preflight(head_, target_, bucket_ ? &*bucket_ : nullptr);
        preflight_ = true;
        return finish(std::move(answer));
    }

    void find_bucket() {
        services_.store.read([&](const store::ReadTx& tx) { find_bucket(tx); });
    }

    void find_bucket(const store::ReadTx& tx) {
        bucket_looked_up_ = true;
        if (!target_.bucket.empty()) {
            bucket_ = tx.find_bucket(target_.bucket);
        }
    }

    // For the browser, when the request comes from a page of another origin; with refusals too.
    void add_cors_headers(Headers& headers) {
        if (preflight_ || !head_.headers.has("origin")) {
            return;
        }
        if (!bucket_looked_up_) {
            find_bucket();
        }
        if (bucket_) {
            const Headers cors = s3::cors_headers(head_, *bucket_);
            for (const auto& [name, value] : cors.entries()) {
                headers.add(name, value);
            }
        }
    }

    // What only committed state can tell about a refusal: a presigned URL used with POST learns
    // that the signature is another method's, not that an object takes no POST.
    AwsError before_route(const AwsError& refusal) {
        if (head_.method != "POST" || target_.key.empty() ||
            !(query_.has("X-Amz-Algorithm") || query_.has("Signature"))) {
            return refusal;
        }
        Result<void> verified;
        services_.store.read([&](const store::ReadTx& tx) {
            axis_ = tx.time_axis();
            find_bucket(tx);
            verified = authenticate(tx);
        });
        return verified ? refusal : verified.error();
    }

    // A form says who sends it in its fields, so it is admitted once they have been read.
    Action begin_form() {
        auto upload =
            s3::FormUpload::begin(head_, [this](s3::PostForm form) -> Result<s3::ObjectBody*> {
                form_ = std::move(form);
                target_.key = form_->key;
                Result<void> admitted;
                services_.store.read([&](const store::ReadTx& tx) { admitted = check(tx); });
                if (!admitted) {
                    return admitted.error();
                }
                open_object_body();
                return object_body_.get();
            });
        if (!upload) {
            return refuse(upload.error());
        }
        form_upload_ = *std::move(upload);
        return ReadBody{std::numeric_limits<std::uint64_t>::max()};
    }

    Action admit(const store::ReadTx& tx) {
        if (auto admitted = check(tx); !admitted) {
            return refuse(admitted.error());
        }
        return after_admission(tx);
    }

    // Everything that needs committed state, in AWS's order of checks.
    Result<void> check(const store::ReadTx& tx) {
        axis_ = tx.time_axis();
        find_bucket(tx);
        if (auto verified = authenticate(tx); !verified) {
            return verified.error();
        }
        request_.emplace(s3::S3Request{
            form_ ? form_->request : head_, target_, query_, authenticated_});
        if (auto planned = plan_object_body(); !planned) {
            return planned.error();
        }
        auto input = operation_->decode(*request_);
        if (!input) {
            return input.error();
        }
        input_ = *std::move(input);
        if (operation_->needs_bucket && !bucket_) {
            return s3::no_such_bucket(target_.bucket);
        }
        if (auto reached = check_endpoint(); !reached) {
            return reached.error();
        }
        make_context();
        authorizer_->look_in(tx, bucket_ ? &*bucket_ : nullptr);
        if (bucket_ && operation_->needs_bucket) {
            if (auto ok = s3::check_requester_pays(*request_, *bucket_, authorizer_->caller());
                !ok) {
                return ok.error();
            }
        }
        for (const auto& access :
             operation_->access_requests(*request_, *input_, bucket_ ? &*bucket_ : nullptr)) {
            if (auto allowed = authorizer_->check(access); !allowed) {
                // HeadBucket says where the bucket lives even to whom it refuses (recorded).
                return operation_->name == "HeadBucket" && bucket_
                           ? allowed.error().header("x-amz-bucket-region", bucket_->region)
                           : allowed.error();
            }
        }
        return {};
    }

    Result<void> plan_object_body() {
        if (operation_->body == s3::BodyKind::Object) {
            auto plan = s3::plan_body(head_, authenticated_);
            if (!plan) {
                return plan.error();
            }
            body_plan_ = *std::move(plan);
        } else if (form_) {
            const auto sizes = s3::check_post_policy(*form_, target_, authenticated_, axis_);
            if (!sizes) {
                return sizes.error();
            }
            auto plan = s3::plan_form_body(form_->request, *head_.content_length, *sizes);
            if (!plan) {
                return plan.error();
            }
            body_plan_ = *std::move(plan);
        }
        return {};
    }

    // The bucket is reached by the endpoint of its own region, or one that knows no region.
    Result<void> check_endpoint() const {
        if (!bucket_ || !operation_->needs_bucket) {
            return {};
        }
        if (endpoint_region_ && *endpoint_region_ != bucket_->region && !answers_in_any_region()) {
            return s3::permanent_redirect(bucket_->name, bucket_->region);
        }
        return s3::check_accelerate_endpoint(head_, target_, &*bucket_);
    }

    bool answers_in_any_region() const {
        return operation_ != nullptr && operation_->any_region &&
               target_.style == s3::AddressStyle::Path;
    }

    Action after_admission(const store::ReadTx& tx) {
        switch (operation_->body) {
        case s3::BodyKind::Object:
            if (operation_->admit_body != nullptr) {
                if (auto ok =
                        operation_->admit_body(tx, *context_, *request_, *input_, *body_plan_);
                    !ok) {
                    return refuse(ok.error());
                }
            }
            open_object_body();
            // Framing and signatures of aws-chunked bodies add to the object's bytes.
            return ReadBody{std::numeric_limits<std::uint64_t>::max()};
        case s3::BodyKind::Document:
            if (head_.chunked || head_.content_length.value_or(0) > 0) {
                return ReadBody{operation_->document_max};
            }
            break;
        case s3::BodyKind::Form: // admitted when its fields are read
        case s3::BodyKind::Ignored:
            if (operation_->access == s3::Access::Write &&
                (head_.chunked || head_.content_length.value_or(0) > 0)) {
                return ReadBody{kIgnoredBodyMax};
            }
            break;
        }
        if (operation_->body == s3::BodyKind::Ignored) {
            return operation_->access == s3::Access::Read ? run_read(tx) : begin_write(tx);
        }
        return body_end();
    }

    void open_object_body() {
        const auto declared = body_plan_->allowed
                                  ? std::nullopt
                                  : std::optional<std::uint64_t>(body_plan_->decoded_length);
        object_body_ = std::make_unique<s3::ObjectBody>(
            *body_plan_, services_.store.stage(declared), open_lane()
        );
    }

    std::unique_ptr<Lane> open_lane() {
        return services_.lanes != nullptr && body_plan_->decoded_length >= s3::kLaneBytesMin
                   ? services_.lanes->open()
                   : nullptr;
    }

    Result<void> authenticate(const store::ReadTx& tx) {
        auth::VerifyContext context{.now = head_.received_at, .axis = axis_};
        const bool scope_decides =
            answers_in_any_region() && head_.headers.get("authorization").starts_with("AWS4-");
        if (target_.endpoint_region) {
            expected_region_ = *target_.endpoint_region;
        } else if (endpoint_region_ && bucket_ && !scope_decides) {
            expected_region_ = *endpoint_region_;
        } else if (bucket_ && !scope_decides) {
            expected_region_ = bucket_->region;
        }
        context.expected_region = expected_region_;
        const std::string bucket_path = "/" + target_.bucket;
        if (target_.style == s3::AddressStyle::VirtualHost) {
            context.bucket_for_sigv2 = bucket_path;
        }
        context.accepts_body = operation_ != nullptr && operation_->body == s3::BodyKind::Object;
        Services::Caches::Lease slot(*services_.caches);
        slot->refresh(services_.store.identity_epoch(), services_.store.configuration_epoch());
        IdentityLookup keys(*slot, tx);
        auto verified = form_ ? auth::verify_form(form_->request, context, keys, slot->signing_keys)
                              : auth::verify(head_, context, keys, slot->signing_keys);
        identity_ = keys.found();
        if (!verified) {
            return verified.error();
        }
        authenticated_ = *std::move(verified);
        return {};
    }

    void make_context() {
        const microseconds signature_age =
            authenticated_.signed_at ? axis_.age(*authenticated_.signed_at, head_.received_at)
                                     : microseconds{0};
        authorizer_.emplace(
            identity_,
            head_,
            authenticated_,
            head_.received_at,
            signature_age,
            policy::MessageStyle::S3
        );
        region_ = target_.endpoint_region         ? *target_.endpoint_region
                  : bucket_                       ? bucket_->region
                  : authenticated_.region.empty() ? std::string("us-east-1")
                                                  : authenticated_.region;
        context_.emplace(service::OpContext{
            head_.received_at,
            axis_,
            ids_,
            authorizer_->caller(),
            head_.source_ip,
            region_,
            *authorizer_,
            services_.random,
            head_.headers.get("x-amzn-trace-id")});
    }

    Action run_read(const store::ReadTx& tx) {
        authorizer_->look_in(tx, bucket_ ? &*bucket_ : nullptr);
        Result<Response> result = operation_->read(tx, *context_, *request_, *input_);
        vanished_ = !result && result.error().code() == s3::kBodyVanished;
        return finish(std::move(result));
    }

    Action begin_write() {
        if (operation_->prepare == nullptr) {
            return run_write();
        }
        std::optional<Action> action;
        services_.store.read([&](const store::ReadTx& tx) { action = begin_write(tx); });
        return *std::move(action);
    }

    Action begin_write(const store::ReadTx& tx) {
        if (operation_->prepare != nullptr) {
            if (auto work = operation_->prepare(tx, *context_, *request_, *input_)) {
                return Compute{std::move(work)};
            }
        }
        return run_write();
    }

    Action run_write() {
        Commit commit;
        commit.job.run = [this](store::WriteTx& tx) {
            authorizer_->look_in(tx, bucket_ ? &*bucket_ : nullptr);
            result_.emplace(
                operation_->write(tx, *context_, *request_, *input_, staged_ ? &*staged_ : nullptr)
            );
            return result_->has_value();
        };
        return commit;
    }

    Action finish(Result<Response> result) {
        if (!result) {
            return refuse(result.error());
        }
        Response response = *std::move(result);
        Headers headers;
        headers.add("x-amz-id-2", ids_.host_id);
        headers.add("x-amz-request-id", ids_.request_id);
        headers.add("Date", to_http_date(services_.clock.now()));
        add_cors_headers(headers);
        for (const auto& [name, value] : response.headers.entries()) {
            headers.add(name, value);
        }
        if (bucket_ && authorizer_ && operation_->needs_bucket &&
            s3::charges_requester(*bucket_, authorizer_->caller())) {
            headers.add("x-amz-request-charged", "requester");
        }
        headers.add("Server", "AmazonS3");
        response.headers = std::move(headers);
        report(response.status, nullptr);
        return Respond{std::move(response)};
    }

    Action refuse(const AwsError& error) { return respond_error(error); }

    Respond respond_error(const AwsError& error) {
        Response response = protocol::render_s3_error(
            error, ids_, protocol::ServerStamp{services_.clock.now()}, head_.method == "HEAD"
        );
        add_cors_headers(response.headers);
        report(response.status, &error);
        return Respond{std::move(response)};
    }

    void report(int status, const AwsError* error) {
        report_s3(
            services_,
            S3Report{
                head_,
                target_,
                operation_ ? operation_->name : std::string_view{},
                status,
                error,
                ids_,
                authorizer_ ? &*authorizer_ : nullptr,
                bucket_ ? &*bucket_ : nullptr,
                &expected_region_,
                operation_ != nullptr && operation_->body == s3::BodyKind::Object}
        );
    }

    Services& services_;
    const RequestHead& head_;
    RequestIds ids_;
    s3::Target target_;
    std::optional<std::string> endpoint_region_; // of an existing bucket's endpoint
    std::optional<std::string> expected_region_; // of the signature; unset: any
    Query query_;
    const s3::Operation* operation_ = nullptr;
    TimeAxis axis_;
    std::optional<store::Bucket> bucket_;
    bool bucket_looked_up_ = false;
    bool preflight_ = false;
    auth::Authenticated authenticated_;
    std::shared_ptr<const Identity> identity_;
    std::optional<s3::PostForm> form_;
    std::optional<s3::S3Request> request_;
    std::unique_ptr<s3::Input> input_;
    std::optional<s3::BodyPlan> body_plan_;
    std::unique_ptr<s3::ObjectBody> object_body_;
    std::unique_ptr<s3::FormUpload> form_upload_;
    std::optional<s3::StagedObject> staged_;
    CollectedBody document_;
    std::optional<RequestAuthorizer> authorizer_;
    std::string region_;
    std::optional<service::OpContext> context_;
    std::optional<Result<Response>> result_;
    bool vanished_ = false;
    int outdated_ = 0; // times write() found its work outdated
};

} // namespace

std::unique_ptr<Conversation> make_s3_conversation(Services& services, const RequestHead& head) {
    return std::make_unique<S3Conversation>(services, head);
}

} // namespace benchtop::pipeline
