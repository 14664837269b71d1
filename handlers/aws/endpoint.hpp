// Where S3 is, and what an object is called there.
#pragma once

#include "handlers/aws/context.hpp"
#include "handlers/aws/error.hpp"

#include <string>
#include <string_view>

namespace handlers::aws {

struct ObjectUrl {
    std::string origin; // scheme://host[:port]
    std::string host;   // the Host header: the port only where it is not the scheme's own
    std::string path;   // encoded; begins with a slash

    std::string text() const { return origin + path; }
};

class Endpoint {
public:
    // AWS_ENDPOINT_URL_S3, else AWS_ENDPOINT_URL: that origin, path style. Neither (or empty):
    // AWS's own hosts in AWS_REGION / AWS_DEFAULT_REGION, the bucket in the host name where it may
    // stand there. Errors: NoRegionError, ValueError (an endpoint that is no http or https URL).
    static Outcome<Endpoint> from(const Context& context);

    const std::string& region() const { return region_; }

    // `bucket` must have passed check_bucket_name.
    ObjectUrl object(std::string_view bucket, std::string_view key) const;

private:
    std::string region_;
    std::string custom_origin_; // empty: AWS's own hosts
    std::string custom_host_;
    std::string custom_path_;
};

// botocore's check, so that no bucket name can change the host or the path: ParamValidationError.
Outcome<void> check_bucket_name(std::string_view bucket);

} // namespace handlers::aws
