#include "emulator/store/record.hpp"
#include "emulator/store/tx.hpp"
#include "tests/catch.hpp"

using namespace benchtop;
using namespace benchtop::store;

TEST_CASE("packed details of a plain object are small", "[store][record]") {
    Object object;
    object.attributes.content_type = "binary/octet-stream";
    CHECK(pack_details(object).size() < 40);
}

TEST_CASE("packed details keep what few objects have", "[store][record]") {
    Object object;
    object.parts = 10'000;
    object.owner = "444455556666";
    object.acl = "acl";
    object.encryption = "kms";
    object.lock = {"GOVERNANCE", UtcInstant{microseconds{7}}, UtcInstant{microseconds{5}}, true};
    Object out;
    unpack_details(pack_details(object), out);
    CHECK(out.parts == object.parts);
    CHECK(out.owner == object.owner);
    CHECK(out.acl == object.acl);
    CHECK(out.encryption == object.encryption);
    CHECK(out.lock == object.lock);
}

TEST_CASE("details written before versions existed are still read", "[store][record]") {
    Object object;
    object.attributes.content_type = "text/plain";
    std::string old = pack_details(object);
    old[0] = 1;
    old.pop_back(); // the count of extras
    Object out;
    out.parts = 3;
    unpack_details(old, out);
    CHECK(out.attributes.content_type == "text/plain");
    CHECK(out.parts == 0);
}

TEST_CASE("damaged packed columns are refused wherever they are cut", "[store][record]") {
    Object object;
    object.checksum_algorithm = ChecksumAlgorithm::Crc64Nvme;
    object.checksum = std::string(200, 'c');
    object.attributes.metadata = {{"name", "value"}};
    const std::string whole = pack_details(object);
    for (std::size_t length = 0; length < whole.size(); ++length) {
        Object out;
        CHECK_THROWS_AS(
            unpack_details(std::string_view(whole).substr(0, length), out), StoreFailure
        );
    }
    std::string other_version = whole;
    other_version[0] = 3;
    Object out;
    CHECK_THROWS_AS(unpack_details(other_version, out), StoreFailure);
    std::string unknown_checksum = whole;
    unknown_checksum[1] = 9;
    CHECK_THROWS_AS(unpack_details(unknown_checksum, out), StoreFailure);
    // A count far beyond the bytes that are there must not be believed.
    CHECK_THROWS_AS(unpack_pairs(std::string("\x01\xff\xff\xff\xff\x0f", 6)), StoreFailure);
    unpack_details(whole, out);
    CHECK(out.checksum == object.checksum);
}
