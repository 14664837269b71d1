// Which host names Benchtop answers under: AWS's own (reached through the forward proxy or by SNI)
// and this machine's. Pure; every other name is the outside world, to which nothing is sent.
//
//     s3.amazonaws.com, s3.REGION, s3-REGION, s3.dualstack.REGION, s3-accelerate, and BUCKET before
//     each of them
//     BUCKET.s3-website.REGION and BUCKET.s3-website-REGION, without TLS as on AWS
//     API_ID.execute-api.REGION
//     SERVICE.amazonaws.com, SERVICE.REGION.amazonaws.com: also of services without a table, which
//     answer in their own words that they know no such operation
//     localhost, *.localhost, 127.0.0.1, [::1]
//
// Not AWS's APIs, so refused: *.compute, *.elb, *.rds... .amazonaws.com, and other partitions.
#pragma once

#include <string>
#include <string_view>

namespace benchtop::pipeline {

enum class HostKind { Local, S3, Website, HttpApi, Service, Foreign };

// `host` as in a Host header, with or without a port.
HostKind host_kind(std::string_view host);

// Whether a client may expect TLS under this name.
bool has_tls(HostKind kind);

// "lambda" of "lambda.us-east-2.amazonaws.com"; "" unless it is HostKind::Service.
std::string host_service(std::string_view host);

// "us-east-2" of "lambda.us-east-2.amazonaws.com"; "" for a global name or another kind.
std::string host_region(std::string_view host);

// "127.0.0.1", "localhost", "[::1]" or nothing, with or without a port.
bool is_local_host(std::string_view host);

} // namespace benchtop::pipeline
