#include "emulator/lambda/code_location.hpp"

#include "emulator/auth/presign.hpp"
#include "emulator/core/digest.hpp"
#include "emulator/core/encoding.hpp"

#include <algorithm>

namespace benchtop::lambda {
namespace {

constexpr std::string_view kBucketStart = "awslambda-";
constexpr std::string_view kBucketEnd = "-tasks";
constexpr std::string_view kSnapshots = "/snapshots/";
constexpr std::string_view kAwsDomain = ".amazonaws.com";
constexpr std::string_view kLocalDomain = ".localhost";
constexpr std::size_t kUuidSize = 36;
constexpr std::size_t kVersionIdSize = 32;
constexpr std::size_t kAddressMax = 512; // of the path; AWS's own stay below 200
constexpr seconds kLifetime{600};

std::string bucket_of(std::string_view region) {
    return std::string(kBucketStart) + std::string(region) + std::string(kBucketEnd);
}

// REGION of "awslambda-REGION-tasks".
std::optional<std::string_view> region_of(std::string_view bucket) {
    if (bucket.size() <= kBucketStart.size() + kBucketEnd.size() ||
        !bucket.starts_with(kBucketStart) || !bucket.ends_with(kBucketEnd)) {
        return std::nullopt;
    }
    bucket.remove_prefix(kBucketStart.size());
    bucket.remove_suffix(kBucketEnd.size());
    return bucket;
}

std::string without_port(std::string_view host) {
    return to_lower(host.substr(0, host.find(':')));
}

Sha256Digest derived(std::string_view secret, std::string_view what) {
    return hmac_sha256(as_bytes(secret), what);
}

ByteView bytes_of(const Sha256Digest& digest) {
    return as_bytes(std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

// Looks like a uuid, follows from the archive's digest.
std::string snapshot_of(const store::Function& function) {
    std::string text = function.code.substr(0, 32);
    for (const std::size_t at :
         {std::size_t{8}, std::size_t{13}, std::size_t{18}, std::size_t{23}}) {
        text.insert(at, "-");
    }
    return text;
}

std::string version_id_of(const Details& details, const store::Function& function) {
    std::string id = to_base64(bytes_of(derived(details.code_secret, function.code)));
    std::ranges::replace(id, '+', '.');
    std::ranges::replace(id, '/', '_');
    return id.substr(0, kVersionIdSize);
}

// The keys of Lambda's own role: temporary, as on AWS.
auth::KeyRecord key_of(const Details& details) {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    auth::KeyRecord key;
    key.access_key_id = "ASIA";
    const Sha256Digest id = derived(details.code_secret, "access key id");
    for (std::size_t i = 0; i < 16; ++i) {
        key.access_key_id += alphabet[static_cast<unsigned char>(id[i]) % alphabet.size()];
    }
    key.secret = details.code_secret;
    key.session_token = "IQoJb3JpZ2luX2Vj";
    for (const char part : std::string_view("abcdefgh")) {
        key.session_token +=
            to_base64(bytes_of(derived(details.code_secret, std::string(1, part))));
    }
    return key;
}

} // namespace

std::string code_location(const service::Call& call, const store::Function& function) {
    const Details details = details_of(function);
    if (details.code_secret.empty()) {
        return {};
    }
    const std::string name = without_port(call.head.host());
    const std::string bucket = bucket_of(function.region);
    std::string path = std::string(kSnapshots) + function.account + "/" + function.name + "-" +
                       snapshot_of(function);
    std::string scheme = "https://";
    std::string host;
    if (name.ends_with(kAwsDomain)) {
        host = bucket + ".s3." + function.region + std::string(kAwsDomain);
    } else {
        // Not every resolver knows names below localhost; the path names the bucket then.
        const std::string_view port = call.head.host();
        host = name.ends_with(kLocalDomain)
                   ? "localhost" + std::string(port.substr(std::min(name.size(), port.size())))
                   : std::string(call.head.host());
        path.insert(0, "/" + bucket);
        scheme = call.head.secure ? "https://" : "http://";
    }
    const auth::KeyRecord key = key_of(details);
    const std::string version_id = version_id_of(details, function);
    return scheme + host + path + "?" +
           auth::presigned_query({
               .host = host,
               .path = path,
               .region = function.region,
               .key = key,
               .now = call.context.now,
               .expires = kLifetime,
               .version_id = version_id,
           });
}

std::optional<CodeAddress> code_address(const RequestHead& head) {
    std::string_view path = head.path();
    const std::string host = without_port(head.host());
    std::optional<std::string_view> region;
    if (host.starts_with(kBucketStart) && host.ends_with(kAwsDomain)) {
        region = region_of(std::string_view(host).substr(0, host.find('.')));
    } else if (path.size() > 1 && path.substr(1).starts_with(kBucketStart)) {
        const auto end = path.find('/', 1);
        region = region_of(path.substr(1, end == std::string_view::npos ? end : end - 1));
        path.remove_prefix(std::min(end, path.size()));
    }
    if (!region || !path.starts_with(kSnapshots) || path.size() > kAddressMax) {
        return std::nullopt;
    }
    path.remove_prefix(kSnapshots.size());
    const auto slash = path.find('/');
    if (slash == std::string_view::npos || path.size() - slash < kUuidSize + 3 ||
        path[path.size() - kUuidSize - 1] != '-') {
        return std::nullopt;
    }
    const std::string_view object = path.substr(slash + 1);
    return CodeAddress{
        std::string(*region),
        std::string(path.substr(0, slash)),
        std::string(object.substr(0, object.size() - kUuidSize - 1)),
        std::string(object.substr(object.size() - kUuidSize))};
}

std::optional<FoundCode> find_code(const store::ReadTx& tx, const CodeAddress& address) {
    for (auto& function :
         tx.list_function_versions(address.account, address.region, address.function)) {
        if (function.code_kind != "zip" || snapshot_of(function) != address.snapshot) {
            continue;
        }
        const Details details = details_of(function);
        if (!details.code_secret.empty()) {
            return FoundCode{function, key_of(details), version_id_of(details, function)};
        }
    }
    return std::nullopt;
}

} // namespace benchtop::lambda
