// Digests of bytes that are stored already, for copies: the one case in which S3 reads a body to
// write. It is done as Work, between two transactions, so what was digested is compared with what
// the second one finds.
#pragma once

#include "emulator/s3/operation.hpp"

#include <memory>
#include <optional>
#include <string>

namespace benchtop::s3 {

// Which digests of which bytes.
struct DigestPlan {
    store::BodySlice of;
    bool md5 = false;
    std::optional<ChecksumAlgorithm> algorithm;

    bool empty() const { return !md5 && !algorithm; }
};

struct StoredDigests {
    DigestPlan plan;
    bool complete = false; // false: the bytes could not be read
    std::string md5_hex;
    std::string checksum; // base64
};

// Work that fills in `results`; an empty function when nothing is to be done, or when the body
// vanished (then find_digests() says so).
Work make_digest_work(
    const store::ReadTx& tx, const DigestPlan& plan, std::shared_ptr<StoredDigests>& results
);

// The results, if they are those of `plan`; all empty for an empty plan. Errors: work_outdated(),
// InternalError.
Result<StoredDigests>
find_digests(const std::shared_ptr<StoredDigests>& results, const DigestPlan& plan);

// Code of work_outdated(); no client ever sees it.
inline constexpr std::string_view kWorkOutdated = "WorkOutdated";
// write() found something else than prepare() did: whoever runs them runs both again.
AwsError work_outdated();

} // namespace benchtop::s3
