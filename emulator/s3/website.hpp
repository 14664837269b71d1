// The website endpoint: GET and HEAD of a bucket's objects for browsers, anonymous, with index and
// error documents, redirects and HTML error pages (Amazon S3 User Guide, "Website endpoints";
// pages, headers and order recorded in 2020 and 2026).
#pragma once

#include "emulator/core/http.hpp"
#include "emulator/core/result.hpp"
#include "emulator/s3/website_config.hpp"
#include "emulator/service/context.hpp"
#include "emulator/store/tx.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace benchtop::s3 {

struct WebsiteAddress {
    std::string bucket;
    std::optional<std::string> region; // nullopt: the local name without one
};

// BUCKET.s3-website-REGION or BUCKET.s3-website.REGION below amazonaws.com or localhost, and
// BUCKET.s3-website.localhost. nullopt: the host is no website's.
std::optional<WebsiteAddress> website_address(std::string_view host);

// A request to a website: its answer without Server, Date and ids. Only the code body_vanished()
// is an error: whoever runs it takes a new snapshot; everything else is a page.
// `bucket` is null when there is none of that name. `context.caller` is nobody.
struct WebsiteRequest {
    const RequestHead& head;
    const WebsiteAddress& address;
    const store::Bucket* bucket;
};

Result<Response> serve_website(
    const store::ReadTx& tx, const service::OpContext& context, const WebsiteRequest& request
);

// A refusal as a page; `custom` is why the error document, named `error_key`, could not be had.
struct CustomError {
    std::string_view error_key;
    const AwsError& error;
};

Response website_error_page(
    const AwsError& error,
    const RequestIds& ids,
    const std::optional<CustomError>& custom = std::nullopt
);

} // namespace benchtop::s3
