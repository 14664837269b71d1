#include "emulator/s3/errors.hpp"
#include "tests/catch.hpp"

using namespace benchtop;
using namespace benchtop::s3;

TEST_CASE("An S3 error carries its elements in AWS's order", "[s3][errors]") {
    const AwsError error = no_such_version("a.txt", "v1");
    CHECK(error.status() == 404);
    CHECK(error.code() == "NoSuchVersion");
    CHECK(error.message() == "The specified version does not exist.");
    REQUIRE(error.extra().size() == 2);
    CHECK(error.extra()[0] == std::pair<std::string, std::string>("Key", "a.txt"));
    CHECK(error.extra()[1] == std::pair<std::string, std::string>("VersionId", "v1"));
}

TEST_CASE("The connection closes on 400, 411, 501 and 5xx only", "[s3][errors]") {
    CHECK(invalid_request("x").closes_connection());
    CHECK(missing_content_length().closes_connection());
    CHECK(operation_not_implemented("PutObjectAcl").closes_connection());
    CHECK(internal_error("disk").closes_connection());
    CHECK_FALSE(access_denied().closes_connection());
    CHECK_FALSE(no_such_key("k").closes_connection());
    CHECK_FALSE(method_not_allowed("PATCH", "OBJECT", "GET").closes_connection());
    CHECK_FALSE(bucket_not_empty("b").closes_connection());
    CHECK_FALSE(precondition_failed("If-Match").closes_connection());
    CHECK_FALSE(invalid_range("bytes=9-", 3).closes_connection());
}

TEST_CASE("An operation that is not built is refused by its AWS name", "[s3][errors]") {
    const AwsError error = operation_not_implemented("UploadPart");
    CHECK(error.status() == 501);
    CHECK(error.code() == "NotImplemented");
    CHECK(error.message() == "UploadPart is not implemented by Benchtop yet.");
}
