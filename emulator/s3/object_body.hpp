// An object's body on its way in: HTTP payload bytes -> aws-chunked decoding -> digests -> staged
// body. Sans I/O: the edge feeds, nothing here waits. Every digest is taken once while the bytes
// pass.
#pragma once

#include "emulator/auth/chunked.hpp"
#include "emulator/auth/verify.hpp"
#include "emulator/core/digest.hpp"
#include "emulator/core/http.hpp"
#include "emulator/core/result.hpp"
#include "emulator/ports/lanes.hpp"
#include "emulator/store/staged_body.hpp"

#include <memory>
#include <optional>
#include <string>

namespace benchtop::s3 {

// A whole, verified body with what S3 derives from it.
struct StagedObject {
    std::unique_ptr<store::StagedBody> body;
    std::string md5_hex; // the ETag of a single PUT
    ChecksumAlgorithm checksum_algorithm = ChecksumAlgorithm::Crc64Nvme;
    std::string checksum;       // base64; the client's algorithm, else CRC64NVME
    std::string extra_checksum; // base64, of BodyPlan::extra_algorithm; "" without one
};

// How many bytes a body may have; inclusive.
struct SizeRange {
    std::uint64_t least = 0;
    std::uint64_t most = 0;
};

inline constexpr std::uint64_t kPutBytesMax = 5'368'709'120; // 5 GiB in one PUT or POST

// What the head announces about the body, checked before a byte is read (facts:
// s3 2.4, 3.4, 7.1, 7.2, 8).
struct BodyPlan {
    std::uint64_t decoded_length = 0; // bytes of the object; at most so many with `allowed`
    // A form's file, whose length is known only when it ends.
    std::optional<SizeRange> allowed;
    bool aws_chunked = false;
    std::optional<std::string> sha256;      // literal hash to compare, as sent
    std::optional<std::string> content_md5; // raw 16 bytes
    std::string content_md5_text;
    std::optional<ChecksumAlgorithm> checksum_algorithm; // from header or trailer name
    std::optional<std::string> checksum; // base64 from the header; trailers bring theirs later
    std::optional<auth::ChunkedPlan> chunked;
    bool is_part = false; // of a multipart upload: errors differ
    // A second checksum to be taken, which is compared with nothing.
    std::optional<ChecksumAlgorithm> extra_algorithm;
};

// `sent` gives header values (with hoisted query parameters). Errors: MissingContentLength,
// NotImplemented (plain chunked), EntityTooLarge, InvalidDigest, the checksum header errors,
// MalformedTrailerError...
Result<BodyPlan> plan_body(const RequestHead& head, const auth::Authenticated& authenticated);

// The same for a form's file: `form` holds the fields as headers, `request_length` is the length of
// the whole request.
Result<BodyPlan>
plan_form_body(const RequestHead& form, std::uint64_t request_length, SizeRange allowed);

// From this size on the MD5, the slowest of the digests, is taken on a lane beside the I/O.
inline constexpr std::uint64_t kLaneBytesMin = 1 << 20;

class ObjectBody {
public:
    // `lane` may be null: every digest is then taken on the feeding thread.
    ObjectBody(
        BodyPlan plan,
        std::unique_ptr<store::BodyStager> stager,
        std::unique_ptr<Lane> lane = nullptr
    );
    ~ObjectBody();
    ObjectBody(const ObjectBody&) = delete;
    ObjectBody& operator=(const ObjectBody&) = delete;

    // The next payload bytes after HTTP's own framing. An error ends the exchange; nothing is
    // stored.
    Result<void> feed(ByteView bytes);
    // The payload is complete. IncompleteBody, XAmzContentSHA256Mismatch, BadDigest in AWS's order.
    Result<StagedObject> finish();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace benchtop::s3
