#include "emulator/s3/bucket_location.hpp"

namespace benchtop::s3 {
namespace {

constexpr std::string_view kEurope = "EU";

std::string setting_name(const store::Bucket& bucket) {
    return "s3/location-constraint/" + std::to_string(bucket.id);
}

} // namespace

std::string region_of_constraint(std::string_view constraint) {
    return std::string(constraint == kEurope ? "eu-west-1" : constraint);
}

void remember_constraint(
    store::WriteTx& tx, const store::Bucket& bucket, std::string_view constraint
) {
    // Written for both spellings: the number of a deleted bucket may come back.
    if (bucket.region == "eu-west-1") {
        tx.set_setting(setting_name(bucket), constraint);
    }
}

std::string location_of(const store::ReadTx& tx, const store::Bucket& bucket) {
    if (bucket.region == "us-east-1") {
        return "";
    }
    if (bucket.region == "eu-west-1" && tx.setting(setting_name(bucket)) == kEurope) {
        return std::string(kEurope);
    }
    return bucket.region;
}

} // namespace benchtop::s3
