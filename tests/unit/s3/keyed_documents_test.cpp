// Inventory, analytics, metrics and intelligent-tiering configurations. Answers recorded.
#include "tests/catch.hpp"
#include "tests/unit/s3/sub_resource_bench.hpp"

using namespace benchtop;
using namespace benchtop::s3;
using namespace benchtop::s3::test;

namespace {

const std::string kMissing = "404 NoSuchConfiguration: The specified configuration does not exist.";
const std::string kMalformed = "400 MalformedXML: The XML you provided was not well-formed or did "
                               "not validate against our published schema";

Result<Response>
send(Bench& bench, std::string_view name, std::string_view query, std::string body = "") {
    const Operation& operation = operation_named(name);
    std::string target = "/b?" + std::string(operation.selector);
    if (!query.empty()) {
        target.append("&").append(query);
    }
    return bench.run(operation, {std::string(operation.method), target, {}, std::move(body)});
}

std::string text(Bench& bench, std::string_view name, std::string_view query) {
    const auto answer = send(bench, name, query);
    return answer ? body_of(*answer).substr(kProlog.size()) : describe(answer.error());
}

std::string inventory(std::string_view id, std::string_view bucket, std::string_view format) {
    std::string inside = "<Destination><S3BucketDestination><Bucket>" + std::string(bucket) +
                         "</Bucket><Format>" + std::string(format) +
                         "</Format></S3BucketDestination></Destination>"
                         "<IsEnabled>true</IsEnabled><Id>" +
                         std::string(id) +
                         "</Id><IncludedObjectVersions>All</IncludedObjectVersions>"
                         "<OptionalFields><Field>Size</Field><Field>ETag</Field></OptionalFields>"
                         "<Schedule><Frequency>Daily</Frequency></Schedule>";
    return document("InventoryConfiguration", inside);
}

std::string metrics(std::string_view id) {
    return "<MetricsConfiguration><Id>" + std::string(id) +
           "</Id><Filter><Prefix>logs/</Prefix></Filter></MetricsConfiguration>";
}

} // namespace

TEST_CASE("An inventory configuration is put, listed and deleted", "[s3][documents]") {
    Bench bench;
    bench.make_bucket("b");
    const auto list = [](std::string_view inside) {
        return document(
            "ListInventoryConfigurationsResult",
            std::string(inside) + "<IsTruncated>false</IsTruncated>"
        );
    };
    CHECK(text(bench, "ListBucketInventoryConfigurations", "") == list(""));
    CHECK(text(bench, "GetBucketInventoryConfiguration", "id=one") == kMissing);
    const std::string one = inventory("one", "arn:aws:s3:::dest", "CSV");
    CHECK(outcome(send(bench, "PutBucketInventoryConfiguration", "id=one", one)) == "204");
    CHECK(text(bench, "GetBucketInventoryConfiguration", "id=one") == one);
    std::string inner = one;
    inner.erase(inner.find(kNamespace), kNamespace.size());
    CHECK(text(bench, "ListBucketInventoryConfigurations", "") == list(inner));
    CHECK(outcome(send(bench, "DeleteBucketInventoryConfiguration", "id=one")) == "204");
    CHECK(outcome(send(bench, "DeleteBucketInventoryConfiguration", "id=one")) == kMissing);
    CHECK(text(bench, "ListBucketInventoryConfigurations", "") == list(""));
}

TEST_CASE("Configurations that are refused", "[s3][documents]") {
    Bench bench;
    bench.make_bucket("b");
    const auto put = [&](std::string body) {
        return outcome(send(bench, "PutBucketInventoryConfiguration", "id=one", std::move(body)));
    };
    CHECK(
        put(inventory("onewrong", "arn:aws:s3:::dest", "CSV")) ==
        "400 IdMismatch: Document ID does not match the specified configuration ID."
    );
    CHECK(
        put(inventory("one", "dest", "CSV")) ==
        "400 InvalidS3DestinationBucket: Invalid bucket ARN."
    );
    CHECK(put(inventory("one", "arn:aws:s3:::dest", "WRONG-FORMAT")) == kMalformed);
    CHECK(put("") == "400 MissingRequestBodyError: Request Body is empty");
    const std::string analytics =
        "<AnalyticsConfiguration><Id>a</Id><StorageClassAnalysis/></AnalyticsConfiguration>";
    CHECK(
        outcome(send(bench, "PutBucketAnalyticsConfiguration", "id=different", analytics)) ==
        kMalformed
    );
    CHECK(outcome(send(bench, "PutBucketAnalyticsConfiguration", "id=a", analytics)) == "204");
    const std::string tiering =
        "<IntelligentTieringConfiguration><Id>t</Id><Status>Enabled</Status><Tiering><Days>90"
        "</Days><AccessTier>ARCHIVE_ACCESS</AccessTier></Tiering></"
        "IntelligentTieringConfiguration>";
    CHECK(
        outcome(send(bench, "PutBucketIntelligentTieringConfiguration", "id=t", tiering)) == "204"
    );
    CHECK(
        outcome(send(bench, "PutBucketIntelligentTieringConfiguration", "id=u", tiering)) ==
        kMalformed
    );
    CHECK(outcome(send(bench, "DeleteBucketIntelligentTieringConfiguration", "id=u")) == kMissing);
}

TEST_CASE("Lists come in pages of a hundred, by id", "[s3][documents]") {
    Bench bench;
    bench.make_bucket("b");
    for (int i = 101; i >= 0; --i) {
        const std::string id = std::to_string(100 + i);
        REQUIRE(
            outcome(send(bench, "PutBucketMetricsConfiguration", "id=" + id, metrics(id))) == "204"
        );
    }
    const std::string first = text(bench, "ListBucketMetricsConfigurations", "");
    CHECK(first.find("<Id>100</Id>") < first.find("<Id>199</Id>"));
    CHECK(first.find("<Id>200</Id>") == std::string::npos);
    const std::string open = "<IsTruncated>true</IsTruncated><NextContinuationToken>";
    const auto at = first.find(open);
    REQUIRE(at != std::string::npos);
    const std::string token =
        first.substr(at + open.size(), first.find('<', at + open.size()) - at - open.size());
    const std::string second =
        text(bench, "ListBucketMetricsConfigurations", "continuation-token=" + token);
    CHECK(second.find("<Id>199</Id>") == std::string::npos);
    CHECK(second.find("<Id>200</Id>") != std::string::npos);
    CHECK(second.find("<Id>201</Id>") != std::string::npos);
    CHECK(second.find("<IsTruncated>false</IsTruncated>") != std::string::npos);
    CHECK(text(bench, "ListBucketMetricsConfigurations", "continuation-token=%21")
              .starts_with("400 InvalidArgument"));
}

TEST_CASE("A GET without an id is a list", "[s3][route]") {
    for (const auto& [target, name] :
         {std::pair{"/b?inventory", "ListBucketInventoryConfigurations"},
          std::pair{"/b?inventory&id=x", "GetBucketInventoryConfiguration"},
          std::pair{"/b?intelligent-tiering", "ListBucketIntelligentTieringConfigurations"}}) {
        RequestHead head;
        head.method = "GET";
        head.target = target;
        head.headers.add("Host", "localhost");
        const auto found = route(head, *resolve_target(head), Query::parse(head.query()));
        REQUIRE(found.has_value());
        CHECK((*found)->name == name);
    }
}

TEST_CASE("A bucket has a thousand configurations of a kind at most", "[s3][documents]") {
    Bench bench;
    bench.make_bucket("b");
    bench.edit([](store::WriteTx& tx) {
        const auto bucket = tx.find_bucket("b");
        for (int id = 0; id < 1000; ++id) {
            tx.set_bucket_setting(bucket->id, "metrics/" + std::to_string(id), metrics("old"));
        }
    });
    CHECK(send(bench, "PutBucketMetricsConfiguration", "id=7", metrics("7")).has_value());
    const auto refused = send(bench, "PutBucketMetricsConfiguration", "id=one", metrics("one"));
    REQUIRE_FALSE(refused.has_value());
    CHECK(
        describe(refused.error()) ==
        "400 TooManyConfigurations: You are attempting to create a new configuration but have "
        "already reached the 1,000-configuration limit."
    );
}
