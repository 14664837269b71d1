#include "emulator/s3/stored_digests.hpp"

#include "emulator/core/encoding.hpp"
#include "emulator/s3/errors.hpp"

namespace benchtop::s3 {
namespace {

bool same(const DigestPlan& a, const DigestPlan& b) {
    return a.of.body == b.of.body && a.of.offset == b.of.offset && a.of.size == b.of.size &&
           a.md5 == b.md5 && a.algorithm == b.algorithm;
}

void digest(const BodyContent& content, StoredDigests& results, const std::stop_token& stop) {
    std::optional<Hash> md5;
    if (results.plan.md5) {
        md5.emplace(HashAlgorithm::Md5);
    }
    std::optional<Checksum> checksum;
    if (results.plan.algorithm) {
        checksum.emplace(*results.plan.algorithm);
    }
    const bool read = read_content(content, [&](std::string_view block) {
        if (stop.stop_requested()) {
            return;
        }
        if (md5) {
            md5->update(as_bytes(block));
        }
        if (checksum) {
            checksum->update(as_bytes(block));
        }
    });
    results.complete = read && !stop.stop_requested();
    if (md5) {
        results.md5_hex = to_hex(as_bytes(md5->finish()));
    }
    if (checksum) {
        results.checksum = to_base64(as_bytes(checksum->finish()));
    }
}

} // namespace

Work make_digest_work(
    const store::ReadTx& tx, const DigestPlan& plan, std::shared_ptr<StoredDigests>& results
) {
    results.reset();
    if (plan.empty()) {
        return {};
    }
    auto content = tx.open_body(plan.of);
    if (!content) {
        return {};
    }
    results = std::make_shared<StoredDigests>();
    results->plan = plan;
    return [results, content = *std::move(content)](const std::stop_token& stop) {
        digest(content, *results, stop);
    };
}

Result<StoredDigests>
find_digests(const std::shared_ptr<StoredDigests>& results, const DigestPlan& plan) {
    if (plan.empty()) {
        return StoredDigests{};
    }
    if (!results || !same(results->plan, plan)) {
        return work_outdated();
    }
    if (!results->complete) {
        return internal_error("the source's body cannot be read");
    }
    return *results;
}

AwsError work_outdated() {
    return s3_error(500, kWorkOutdated, "");
}

} // namespace benchtop::s3
