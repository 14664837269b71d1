#include "emulator/s3/versions.hpp"

#include <array>

namespace benchtop::s3 {

Versioning versioning_of(const store::Bucket& bucket) {
    const auto state = bucket.setting("versioning");
    if (!state) {
        return Versioning::Off;
    }
    return *state == "Enabled" ? Versioning::Enabled : Versioning::Suspended;
}

std::string make_version_id(Random& random) {
    constexpr std::string_view kAlphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._";
    static_assert(kAlphabet.size() == 64);
    std::array<char, 32> bytes{};
    random.fill(RandomStream::Ids, bytes);
    std::string id;
    for (const char byte : bytes) {
        id += kAlphabet[static_cast<unsigned char>(byte) % kAlphabet.size()];
    }
    return id;
}

void store_version(
    store::WriteTx& tx,
    const service::OpContext& context,
    const store::Bucket& bucket,
    store::Object& object
) {
    const Versioning versioning = versioning_of(bucket);
    object.version_id =
        versioning == Versioning::Enabled ? make_version_id(context.random) : std::string();
    tx.put_object(
        bucket.id,
        object,
        versioning == Versioning::Off ? store::Displaced::Released : store::Displaced::Kept
    );
}

std::string_view shown_version_id(const store::Object& object) {
    return object.version_id.empty() ? std::string_view("null") : object.version_id;
}

} // namespace benchtop::s3
