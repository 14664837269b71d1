// Lifecycle rules on the lab's clock: what advances and midnights do, and who hears of it.
#include "emulator/core/encoding.hpp"
#include "harness/lab.hpp"
#include "tests/catch.hpp"

#include <algorithm>

using namespace benchtop;
using namespace benchtop::harness;
using namespace std::chrono_literals;
using std::chrono::days;

namespace {

const std::string kBucketUrl = std::string(kEndpoint) + '/' + std::string(stack::kLabBucket);
const std::string kWorkerArn =
    "arn:aws:lambda:us-east-2:111122223333:function:" + std::string(stack::kWorkerFunction);

ClientResponse
request(Lab& lab, const std::string& method, const std::string& url, const std::string& body = "") {
    ClientRequest request;
    request.method = method;
    request.url = url;
    request.body = body;
    if (!body.empty()) {
        request.headers.emplace_back("Content-MD5", to_base64(md5(body)));
    }
    return lab.send_signed(request, Lab::administrator());
}

void put_lifecycle(Lab& lab, const std::string& actions) {
    const auto answer = request(
        lab,
        "PUT",
        kBucketUrl + "?lifecycle",
        "<LifecycleConfiguration><Rule><ID>r</ID><Filter><Prefix>data/</Prefix></Filter><Status>"
        "Enabled</Status>" +
            actions + "</Rule></LifecycleConfiguration>"
    );
    REQUIRE(answer.status == 200);
}

void tell_worker_of_lifecycle(Lab& lab) {
    const auto answer = request(
        lab,
        "PUT",
        kBucketUrl + "?notification",
        "<NotificationConfiguration><CloudFunctionConfiguration><Id>lc</Id><CloudFunction>" +
            kWorkerArn +
            "</CloudFunction><Event>s3:LifecycleExpiration:*</Event><Event>s3:LifecycleTransition"
            "</Event></CloudFunctionConfiguration></NotificationConfiguration>"
    );
    REQUIRE(answer.status == 200);
}

std::string events(Lab& lab) {
    auto cards = lab.deliveries();
    std::ranges::reverse(cards);
    std::string text;
    for (const auto& card : cards) {
        if (card.event_name.starts_with("Lifecycle")) {
            text += (text.empty() ? "" : " ") + card.event_name + "=" + card.key;
            CHECK(card.state == store::DeliveryState::Done);
        }
    }
    return text;
}

const std::string kThirtyDays = "<Expiration><Days>30</Days></Expiration>";

} // namespace

TEST_CASE("after 30 days the objects are gone and the function has heard of it", "[lab]") {
    Lab lab;
    tell_worker_of_lifecycle(lab);
    put_lifecycle(lab, kThirtyDays);
    REQUIRE(request(lab, "PUT", kBucketUrl + "/data/a", "x").status == 200);
    REQUIRE(request(lab, "PUT", kBucketUrl + "/kept", "x").status == 200);
    lab.advance(days(29));
    CHECK(lab.has_object(stack::kLabBucket, "data/a"));
    REQUIRE(request(lab, "PUT", kBucketUrl + "/data/young", "x").status == 200);
    lab.advance(days(2));
    CHECK_FALSE(lab.has_object(stack::kLabBucket, "data/a"));
    CHECK(lab.has_object(stack::kLabBucket, "data/young"));
    CHECK(lab.has_object(stack::kLabBucket, "kept"));
    CHECK(events(lab) == "LifecycleExpiration:Delete=data/a");
    CHECK(request(lab, "GET", kBucketUrl + "/data/a").status == 404);
}

TEST_CASE("what happens on the way of one advance happens in its order and ages", "[lab]") {
    Lab lab;
    lab.write([](store::WriteTx& tx) {
        const auto bucket = *tx.find_bucket(stack::kLabBucket);
        tx.set_bucket_setting(bucket.id, "versioning", "Enabled");
    });
    tell_worker_of_lifecycle(lab);
    put_lifecycle(
        lab,
        "<Transition><Days>0</Days><StorageClass>GLACIER</StorageClass></Transition>" +
            kThirtyDays +
            "<NoncurrentVersionExpiration><NoncurrentDays>10</NoncurrentDays>"
            "</NoncurrentVersionExpiration>"
    );
    const std::string large(128 * 1024, 'x');
    REQUIRE(request(lab, "PUT", kBucketUrl + "/data/a", large).status == 200);
    const UtcInstant before = lab.now();
    lab.advance(days(100));
    CHECK(lab.now() == before + 1s); // clients' clocks do not jump
    CHECK(
        events(lab) == "LifecycleTransition=data/a LifecycleExpiration:DeleteMarkerCreated=data/a "
                       "LifecycleExpiration:Delete=data/a LifecycleExpiration:Delete=data/a"
    );
    bool versions = true;
    microseconds advanced{};
    lab.store().read([&](const store::ReadTx& tx) {
        versions = tx.has_versions(tx.find_bucket(stack::kLabBucket)->id);
        advanced = tx.time_axis().total();
    });
    CHECK_FALSE(versions);
    CHECK(advanced == days(100));
}

TEST_CASE("without an advance the rules are applied at midnight", "[lab]") {
    Lab lab;
    put_lifecycle(lab, "<Expiration><Days>1</Days></Expiration>");
    REQUIRE(request(lab, "PUT", kBucketUrl + "/data/a", "x").status == 200);
    const UtcInstant due = std::chrono::ceil<days>(lab.now() + days(1));
    lab.pass(due - lab.now() - 1s);
    CHECK(lab.has_object(stack::kLabBucket, "data/a"));
    lab.pass(1s);
    CHECK_FALSE(lab.has_object(stack::kLabBucket, "data/a"));
}

TEST_CASE("x-amz-expiration says when an object will go", "[lab]") {
    Lab lab;
    put_lifecycle(lab, kThirtyDays);
    const auto put = request(lab, "PUT", kBucketUrl + "/data/a", "x");
    const std::string expected = "expiry-date=\"" +
                                 to_http_date(std::chrono::ceil<days>(lab.now() + days(30))) +
                                 "\", rule-id=\"r\"";
    CHECK(put.headers.get("x-amz-expiration") == expected);
    CHECK(request(lab, "GET", kBucketUrl + "/data/a").headers.get("x-amz-expiration") == expected);
    CHECK(request(lab, "HEAD", kBucketUrl + "/data/a").headers.get("x-amz-expiration") == expected);
    CHECK_FALSE(request(lab, "PUT", kBucketUrl + "/kept", "x").headers.has("x-amz-expiration"));
    lab.advance(days(10));
    CHECK(
        request(lab, "HEAD", kBucketUrl + "/data/a").headers.get("x-amz-expiration") ==
        "expiry-date=\"" + to_http_date(std::chrono::ceil<days>(lab.now() + days(20))) +
            "\", rule-id=\"r\""
    );
}

TEST_CASE("an upload that is left says when it goes, and goes", "[lab]") {
    Lab lab;
    put_lifecycle(
        lab,
        "<AbortIncompleteMultipartUpload><DaysAfterInitiation>7</DaysAfterInitiation>"
        "</AbortIncompleteMultipartUpload>"
    );
    const auto created = request(lab, "POST", kBucketUrl + "/data/a?uploads");
    REQUIRE(created.status == 200);
    const std::string abort_date = to_http_date(std::chrono::ceil<days>(lab.now() + days(7)));
    CHECK(created.headers.get("x-amz-abort-date") == abort_date);
    CHECK(created.headers.get("x-amz-abort-rule-id") == "r");
    const auto begin = created.body.find("<UploadId>") + 10;
    const std::string parts = kBucketUrl + "/data/a?uploadId=" +
                              created.body.substr(begin, created.body.find('<', begin) - begin);
    CHECK(request(lab, "GET", parts).headers.get("x-amz-abort-date") == abort_date);
    lab.advance(days(6));
    CHECK(request(lab, "GET", parts).status == 200);
    lab.advance(days(2));
    CHECK(request(lab, "GET", parts).status == 404);
    CHECK_FALSE(request(lab, "POST", kBucketUrl + "/other?uploads").headers.has("x-amz-abort-date")
    );
}

TEST_CASE("a run repeats byte for byte from its seed, lifecycle included", "[lab]") {
    const auto story = [] {
        Lab lab;
        tell_worker_of_lifecycle(lab);
        put_lifecycle(lab, kThirtyDays);
        request(lab, "PUT", kBucketUrl + "/data/a", "x");
        request(lab, "PUT", kBucketUrl + "/data/b", "x");
        lab.advance(days(31));
        std::string text;
        for (const auto& card : lab.deliveries()) {
            text += card.payload + '\n';
        }
        return text;
    };
    CHECK(story() == story());
}
