// A website's way through the house: host -> bucket -> page. Nobody signs, nothing is written.
#include "emulator/core/assert.hpp"
#include "emulator/pipeline/authorizer.hpp"
#include "emulator/pipeline/conversation.hpp"
#include "emulator/pipeline/report.hpp"
#include "emulator/s3/cors.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/website.hpp"

namespace benchtop::pipeline {
namespace {

constexpr int kVanishedBodyRetries = 5;

class WebsiteConversation final : public Conversation {
public:
    WebsiteConversation(Services& services, const RequestHead& head, s3::WebsiteAddress address)
        : services_(services)
        , head_(head)
        , address_(std::move(address))
        , ids_(make_request_ids(services.random)) {
        target_.style = s3::AddressStyle::VirtualHost;
        target_.bucket = address_.bucket;
    }

    Action begin() override {
        Result<Response> page = s3::body_vanished();
        for (int attempt = 0; attempt < kVanishedBodyRetries && !page; ++attempt) {
            services_.store.read([&](const store::ReadTx& tx) { page = serve(tx); });
        }
        return finish(page ? *std::move(page) : s3::website_error_page(page.error(), ids_));
    }

    // What comes with a request for a page is not read.
    std::optional<Respond> body(ByteView) override { return std::nullopt; }

    Action body_end() override { return begin(); }

    Respond too_large() override {
        return finish(s3::website_error_page(s3::malformed_xml(), ids_));
    }

    Respond body_timed_out() override {
        return finish(s3::website_error_page(s3::request_timeout(), ids_));
    }

    Action committed(store::CommitStatus) override {
        BT_ASSERT(false);
        return begin();
    }

    Action invoked(std::optional<InvokeOutcome>) override {
        BT_ASSERT(false);
        return begin();
    }

    Respond store_failed() override {
        const AwsError error = s3::internal_error("the store could not be read");
        return finish(s3::website_error_page(error, ids_));
    }

private:
    Result<Response> serve(const store::ReadTx& tx) {
        axis_ = tx.time_axis();
        bucket_ = tx.find_bucket(address_.bucket);
        const store::Bucket* const bucket = bucket_ ? &*bucket_ : nullptr;
        if (head_.method == "OPTIONS") {
            return preflight(bucket);
        }
        const auth::Authenticated nobody;
        RequestAuthorizer authorizer(
            nullptr, head_, nobody, head_.received_at, microseconds{0}, policy::MessageStyle::S3
        );
        authorizer.look_in(tx, bucket);
        const std::string region =
            address_.region.value_or(bucket == nullptr ? "us-east-1" : bucket->region);
        const service::OpContext context{
            head_.received_at,
            axis_,
            ids_,
            authorizer.caller(),
            head_.source_ip,
            region,
            authorizer,
            services_.random};
        return s3::serve_website(tx, context, {head_, address_, bucket});
    }

    Response preflight(const store::Bucket* bucket) const {
        s3::Target target = target_;
        target.key = head_.path().substr(1);
        auto answer = s3::answer_preflight(head_, target, bucket);
        return answer ? *std::move(answer) : s3::website_error_page(answer.error(), ids_);
    }

    Respond finish(Response page) {
        Headers headers;
        headers.add("x-amz-id-2", ids_.host_id);
        headers.add("x-amz-request-id", ids_.request_id);
        headers.add("Date", to_http_date(services_.clock.now()));
        if (bucket_ && head_.method != "OPTIONS") {
            const Headers cors = s3::cors_headers(head_, *bucket_);
            for (const auto& [name, value] : cors.entries()) {
                headers.add(name, value);
            }
        }
        for (const auto& [name, value] : page.headers.entries()) {
            headers.add(name, value);
        }
        headers.add("Server", "AmazonS3");
        page.headers = std::move(headers);
        if (head_.method == "HEAD" && !page.is_head) {
            page.is_head = true;
            page.head_length = page.body_size();
            page.body = std::string();
        }
        report_s3(
            services_,
            S3Report{
                head_,
                target_,
                "",
                page.status,
                nullptr,
                ids_,
                nullptr,
                bucket_ ? &*bucket_ : nullptr}
        );
        return Respond{std::move(page)};
    }

    Services& services_;
    const RequestHead& head_;
    s3::WebsiteAddress address_;
    s3::Target target_;
    RequestIds ids_;
    TimeAxis axis_;
    std::optional<store::Bucket> bucket_;
};

} // namespace

std::unique_ptr<Conversation>
make_website_conversation(Services& services, const RequestHead& head) {
    auto address = s3::website_address(head.host());
    return address ? std::make_unique<WebsiteConversation>(services, head, *std::move(address))
                   : nullptr;
}

} // namespace benchtop::pipeline
