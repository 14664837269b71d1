// Any head must be verified or refused without a crash, in every family, and canonical forms must
// be their own canonical forms. Input: "METHOD TARGET\n", then "name:value\n" lines.
#include "emulator/auth/canonical.hpp"
#include "emulator/auth/chunked.hpp"
#include "emulator/auth/effective_headers.hpp"
#include "emulator/auth/verify.hpp"
#include "emulator/core/assert.hpp"

#include <cstddef>
#include <cstdint>
#include <utility>

using namespace benchtop;
using namespace benchtop::auth;

extern "C" const char* const* benchtop_fuzz_seeds();
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" const char* const* benchtop_fuzz_seeds() {
    static const char* const seeds[] = {
        "GET /test.txt\nHost:examplebucket.s3.amazonaws.com\nRange:bytes=0-9\nx-amz-content-sha256:"
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\nx-amz-date:"
        "20130524T000000Z\nAuthorization:AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/"
        "us-east-1/s3/aws4_request,SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
        "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41\n",
        "GET /test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F"
        "20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&"
        "X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957"
        "d157751f604d404\nHost:examplebucket.s3.amazonaws.com\n",
        "GET /photos/puppy.jpg?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature="
        "NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D&Expires=1369353900\nHost:johnsmith.s3.amazonaws.com\n",
        "PUT /a%20b/../c?acl&x=%zz+1\nHost:s3\nDate:Fri, 24 May 2013 00:00:00 GMT\nAuthorization:"
        "AWS AKIAIOSFODNN7EXAMPLE:qgk2+6Sv9/oM7G3qLEjTH1a1l1g=\nx-amz-meta-a:  b   c\n",
        "PUT /k\nHost:s3\nx-amz-content-sha256:STREAMING-UNSIGNED-PAYLOAD-TRAILER\nx-amz-trailer:"
        "x-amz-checksum-crc32,\nx-amz-decoded-content-length:5\n",
        nullptr};
    return seeds;
}

namespace {

class OneKey final : public KeyLookup {
public:
    std::shared_ptr<const KeyRecord> find(std::string_view id) override {
        static const auto key = [] {
            KeyRecord record;
            record.access_key_id = "AKIAIOSFODNN7EXAMPLE";
            record.secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
            return std::make_shared<const KeyRecord>(std::move(record));
        }();
        return id == key->access_key_id ? key : nullptr;
    }
};

RequestHead parse(std::string_view text) {
    RequestHead head;
    const auto line = text.substr(0, text.find('\n'));
    head.method = line.substr(0, line.find(' '));
    head.target = line.find(' ') == std::string_view::npos ? std::string_view{}
                                                           : line.substr(line.find(' ') + 1);
    while (text.find('\n') != std::string_view::npos) {
        text.remove_prefix(text.find('\n') + 1);
        const auto header = text.substr(0, text.find('\n'));
        const auto colon = header.find(':');
        if (colon != std::string_view::npos) {
            head.headers.add(header.substr(0, colon), header.substr(colon + 1));
        }
    }
    return head;
}

void canonical_forms_are_stable(const RequestHead& head) {
    std::string once;
    append_canonical_path(once, head.path(), PathRule::S3);
    std::string twice;
    append_canonical_path(twice, once, PathRule::S3);
    BT_ASSERT(once == twice);
    std::string query;
    CanonicalQuery(head.query()).append_to(query, "");
    std::string again;
    CanonicalQuery(query).append_to(again, "");
    BT_ASSERT(query == again);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const RequestHead head = parse({reinterpret_cast<const char*>(data), size});
    canonical_forms_are_stable(head);
    static SigningKeyCache cache(16);
    OneKey keys;
    TimeAxis axis;
    for (const auto family :
         {ErrorFamily::S3, ErrorFamily::Query, ErrorFamily::RestJson, ErrorFamily::Json11}) {
        VerifyContext context{.now = from_epoch_seconds(1369353600), .axis = axis};
        context.family = family;
        context.accepts_body = true;
        context.bucket_for_sigv2 = "johnsmith";
        const auto who = verify(head, context, keys, cache);
        if (!who) {
            BT_ASSERT(who.error().status() >= 400 && !who.error().code().empty());
            continue;
        }
        (void)effective_headers(head, *who);
        (void)plan_chunked(head, *who);
    }
    return 0;
}
