// What these tests share: two keys, a context, heads from fixtures, and an independent little
// signer for heads no fixture has.
#pragma once

#include "emulator/auth/chunked.hpp"
#include "emulator/auth/verify.hpp"
#include "emulator/core/digest.hpp"
#include "tests/catch.hpp"

#include <map>
#include <string>
#include <vector>

namespace rig {

using namespace benchtop;
using namespace benchtop::auth;

inline const std::string kKeyId = "AKIAIOSFODNN7EXAMPLE";
inline const std::string kSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
inline const std::string kSessionId = "ASIAIOSFODNN7EXAMPLE";
inline const std::string kSessionSecret = "sEcretOfASession/K7MDENG/bPxRfiCYEXAMPLEKEY";
inline const std::string kToken = "FwoGZXIvYXdzEXAMPLE//token+with=all/kinds+of+bytes==";
inline const std::string kEmptyHash =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

class Keys final : public KeyLookup {
public:
    Keys();
    std::shared_ptr<const KeyRecord> find(std::string_view id) override;

    void put(KeyRecord record) {
        auto& slot = records_[record.access_key_id];
        slot = std::make_shared<const KeyRecord>(std::move(record));
    }

private:
    std::map<std::string, std::shared_ptr<const KeyRecord>, std::less<>> records_;
};

struct Bench {
    Keys keys;
    SigningKeyCache cache;
    TimeAxis axis;
    UtcInstant now = from_epoch_seconds(1369353600); // 2013-05-24T00:00:00Z
    std::string service = "s3";
    std::optional<std::string> region;
    std::string bucket_for_sigv2;
    bool accepts_body = true;
    ErrorFamily family = ErrorFamily::S3;
    std::optional<std::string> body_sha256;

    Result<Authenticated> verify(const RequestHead& head);
    // The refusal; fails the test when the request was accepted.
    AwsError refusal(const RequestHead& head);
};

struct Recorded {
    std::string name;
    RequestHead head;
    UtcInstant now;
    std::string service;
    std::string bucket_for_sigv2;
    std::optional<std::string> body_sha256;
};

std::vector<Recorded> recorded(const std::string& file);
// Sets the bench as the entry wants it.
void prepare(Bench& bench, const Recorded& entry);

RequestHead
make_head(std::string method, std::string target, std::vector<Headers::Entry> headers = {});

struct Signing {
    std::string key_id = kKeyId;
    std::string secret = kSecret;
    std::string scope_date = "20130524";
    std::string region = "us-east-1";
    std::string service = "s3";
    std::string terminal = "aws4_request";
    std::string amz_date = "20130524T000000Z";
    std::string payload = "UNSIGNED-PAYLOAD";
    std::string signed_headers = "host;x-amz-content-sha256;x-amz-date";
};

// Adds x-amz-date, x-amz-content-sha256 and Authorization. Only for paths and queries that are
// their own canonical form, with sorted parameters.
RequestHead signed_head(RequestHead head, const Signing& signing = {});

// Adds the X-Amz-* parameters. `extra` ("&x-id=..") must sort behind them.
RequestHead presigned_head(
    const std::string& method,
    const std::string& path,
    std::vector<Headers::Entry> headers = {},
    const Signing& signing = {},
    const std::string& expires = "300",
    const std::string& extra = ""
);

// "Name=value|Name=value" of an error's extra elements.
std::string extras(const AwsError& error);

// The head with one piece of text replaced in its target, or in a header.
RequestHead with_target(RequestHead head, std::string_view from, std::string_view to);
RequestHead
with_header(RequestHead head, std::string_view name, std::string_view from, std::string_view to);

} // namespace rig
