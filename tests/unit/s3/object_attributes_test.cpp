// Tags and ACLs of objects and their versions. Answers recorded.
#include "emulator/s3/notification_config.hpp"
#include "emulator/s3/versions.hpp"
#include "emulator/store/accounts.hpp"
#include "tests/catch.hpp"
#include "tests/unit/s3/sub_resource_bench.hpp"

using namespace benchtop;
using namespace benchtop::s3;
using namespace benchtop::s3::test;

namespace {

using TagList = std::vector<std::pair<std::string, std::string>>;

std::string tagging(const TagList& tags) {
    std::string text;
    for (const auto& [key, value] : tags) {
        text += "<Tag><Key>" + key + "</Key><Value>" + value + "</Value></Tag>";
    }
    return document("Tagging", text.empty() ? "<TagSet/>" : "<TagSet>" + text + "</TagSet>");
}

std::string private_list(const Bench& bench) {
    const std::string id = store::derive_account(bench.caller.account).canonical_id;
    return document(
        "AccessControlPolicy",
        "<Owner><ID>" + id +
            "</ID></Owner><AccessControlList><Grant><Grantee "
            "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
            "xsi:type=\"CanonicalUser\"><ID>" +
            id + "</ID></Grantee><Permission>FULL_CONTROL</Permission></Grant></AccessControlList>"
    );
}

void hear(Bench& bench) {
    bench.edit([](store::WriteTx& tx) {
        NotificationConfig config;
        NotificationRule rule;
        rule.kind = DestinationKind::Function;
        rule.id = "all";
        rule.arn = "arn:aws:lambda:us-east-2:111122223333:function:worker";
        rule.events = {"s3:ObjectTagging:*", "s3:ObjectAcl:Put"};
        config.rules.push_back(rule);
        tx.set_bucket_notification(tx.find_bucket("b")->id, to_xml(config));
    });
}

std::string heard(Bench& bench) {
    std::string names;
    for (const store::Delivery& delivery : bench.deliveries()) {
        names += delivery.event_name + " ";
    }
    return names;
}

// Two versions of k, the older tagged; a delete marker when asked for. Ids, oldest first.
std::vector<std::string> make_versions(Bench& bench, bool marker) {
    std::vector<std::string> ids;
    bench.edit([&](store::WriteTx& tx) {
        const auto bucket = *tx.find_bucket("b");
        tx.set_bucket_setting(bucket.id, "versioning", "Enabled");
        for (const char* value : {"one", "two"}) {
            store::Object object;
            object.key = "k";
            object.etag = value;
            object.sequencer = tx.next_sequencer(bench.now);
            object.version_id = make_version_id(bench.random, object.sequencer);
            object.attributes.tags = {{"v", value}};
            tx.put_object(bucket.id, object, store::Displaced::Kept);
            ids.push_back(object.version_id);
        }
        if (marker) {
            store::Object gone;
            gone.key = "k";
            gone.delete_marker = true;
            gone.sequencer = tx.next_sequencer(bench.now);
            gone.version_id = make_version_id(bench.random, gone.sequencer);
            tx.put_delete_marker(bucket.id, gone, store::Displaced::Kept);
            ids.push_back(gone.version_id);
        }
    });
    return ids;
}

Result<Response> run_version(
    Bench& bench,
    std::string_view name,
    const std::string& id,
    std::string body = "",
    HeaderFields headers = {}
) {
    const Operation& operation = operation_named(name);
    return bench.run(
        operation,
        {std::string(operation.method),
         "/b/k?" + std::string(operation.selector) + (id.empty() ? "" : "&versionId=" + id),
         std::move(headers),
         std::move(body)}
    );
}

std::string not_allowed(std::string_view method) {
    return "405 MethodNotAllowed: The specified method is not allowed against this resource. "
           "[Method=" +
           std::string(method) + "] [ResourceType=DeleteMarker]";
}

} // namespace

TEST_CASE("An object's tags are put, shown and deleted", "[s3][tags]") {
    Bench bench;
    bench.make_bucket("b");
    bench.make_object("b", "k");
    hear(bench);
    CHECK(told(bench, "GetObjectTagging") == tagging({}));
    const std::string two = tagging({{"tag1", "tag1"}, {"tag2", ""}});
    CHECK(ask(bench, "PutObjectTagging", two) == "200");
    CHECK(told(bench, "GetObjectTagging") == two);
    CHECK(ask(bench, "PutObjectTagging", tagging({{"tag3", "tag3"}})) == "200");
    CHECK(told(bench, "GetObjectTagging") == tagging({{"tag3", "tag3"}}));
    CHECK(ask(bench, "DeleteObjectTagging") == "204");
    CHECK(told(bench, "GetObjectTagging") == tagging({}));
    CHECK(ask(bench, "PutObjectTagging", "<Tagging/>") == "200");
    CHECK(
        heard(bench) ==
        "ObjectTagging:Put ObjectTagging:Put ObjectTagging:Delete ObjectTagging:Put "
    );
    const std::string record = bench.deliveries()[0].payload;
    CHECK(record.find(R"("eventVersion":"2.3")") != std::string::npos);
    CHECK(record.find(R"("object":{"key":"k","eTag":"e"})") != std::string::npos);
}

TEST_CASE("Object tags that are refused", "[s3][tags]") {
    Bench bench;
    bench.make_bucket("b");
    bench.make_object("b", "k");
    const auto put = [&](const TagList& tags) {
        return ask(bench, "PutObjectTagging", tagging(tags));
    };
    CHECK(
        put({{"Key1", "Val1"}, {"Key1", "Val1"}}) ==
        "400 InvalidTag: Cannot provide multiple Tags with the same key [TagKey=Key1]"
    );
    CHECK(
        put({{"Key1,Key2", "Val1"}}) ==
        "400 InvalidTag: The TagKey you have provided is invalid [TagKey=Key1,Key2]"
    );
    CHECK(
        put({{"aws:prefixed", "x"}}) ==
        "400 InvalidTag: Your TagKey cannot be prefixed with aws: [TagKey=aws:prefixed]"
    );
    TagList eleven;
    for (char c = 'a'; c <= 'k'; ++c) {
        eleven.emplace_back(std::string(1, c), "");
    }
    CHECK(put(eleven) == "400 BadRequest: Object tags cannot be greater than 10");
    CHECK(ask(bench, "PutObjectTagging").starts_with("400 MissingRequestBodyError"));
    bench.authorizer.denied = {{"s3:PutObjectTagging", "arn:aws:s3:::b/k"}};
    CHECK(put({{"k", "v"}}) == "403 AccessDenied: denied: s3:PutObjectTagging");
    const auto& conditions = bench.authorizer.asked.back().conditions;
    CHECK(
        conditions ==
        std::vector<std::pair<std::string, std::string>>{
            {"s3:RequestObjectTag/k", "v"}, {"s3:RequestObjectTagKeys", "k"}}
    );
}

TEST_CASE("Tags of a missing key", "[s3][tags]") {
    Bench bench;
    bench.make_bucket("b");
    CHECK(
        ask(bench, "GetObjectTagging") ==
        "404 NoSuchKey: The specified key does not exist. [Key=b/k]"
    );
    CHECK(
        ask(bench, "PutObjectTagging", tagging({})) ==
        "404 NoSuchKey: The specified key does not exist. [Key=k]"
    );
    CHECK(
        ask(bench, "DeleteObjectTagging") ==
        "404 NoSuchKey: The specified key does not exist. [Key=k]"
    );
}

TEST_CASE("Each version has its own tags", "[s3][tags][versions]") {
    Bench bench;
    bench.make_bucket("b");
    const auto ids = make_versions(bench, false);
    const auto tags_of = [&](const std::string& id) {
        const auto answer = run_version(bench, "GetObjectTagging", id);
        REQUIRE(answer.has_value());
        return std::string(answer->headers.get("x-amz-version-id")) + " " +
               body_of(*answer).substr(kProlog.size());
    };
    CHECK(tags_of("") == ids[1] + " " + tagging({{"v", "two"}}));
    CHECK(tags_of(ids[0]) == ids[0] + " " + tagging({{"v", "one"}}));
    const auto put = run_version(bench, "PutObjectTagging", ids[0], tagging({{"v", "changed"}}));
    REQUIRE(put.has_value());
    CHECK(put->headers.get("x-amz-version-id") == ids[0]);
    CHECK(bench.authorizer.asked.back().action == "s3:PutObjectVersionTagging");
    CHECK(tags_of(ids[0]) == ids[0] + " " + tagging({{"v", "changed"}}));
    CHECK(tags_of("") == ids[1] + " " + tagging({{"v", "two"}}));
}

TEST_CASE("A delete marker has neither tags nor an ACL to put", "[s3][tags][acl][versions]") {
    Bench bench;
    bench.make_bucket("b");
    REQUIRE(ask(bench, "DeleteBucketOwnershipControls") == "204");
    const auto ids = make_versions(bench, true);
    for (const std::string& id : {std::string(), ids[2]}) {
        CHECK(outcome(run_version(bench, "GetObjectTagging", id)) == not_allowed("GET"));
        CHECK(
            outcome(run_version(bench, "PutObjectTagging", id, tagging({}))) == not_allowed("PUT")
        );
        CHECK(outcome(run_version(bench, "DeleteObjectTagging", id)) == not_allowed("DELETE"));
        CHECK(
            outcome(run_version(bench, "PutObjectAcl", id, "", {{"x-amz-acl", "private"}})) ==
            not_allowed("PUT")
        );
    }
    CHECK(
        outcome(run_version(bench, "GetObjectAcl", "")) ==
        "404 NoSuchKey: The specified key does not exist. [Key=k]"
    );
    CHECK(outcome(run_version(bench, "GetObjectAcl", ids[2])) == not_allowed("GET"));
}

TEST_CASE("An object's ACL", "[s3][acl]") {
    Bench bench;
    bench.make_bucket("b");
    bench.make_object("b", "k");
    hear(bench);
    CHECK(told(bench, "GetObjectAcl") == private_list(bench));
    CHECK(
        ask(bench, "PutObjectAcl", "", {{"x-amz-acl", "private"}}) ==
        "400 AccessControlListNotSupported: The bucket does not allow ACLs"
    );
    REQUIRE(ask(bench, "DeleteBucketOwnershipControls") == "204");
    CHECK(
        ask(bench, "PutObjectAcl", "", {{"x-amz-acl", "public-read"}})
            .ends_with("s3:PutObjectAcl on resource: \"arn:aws:s3:::b/k\" because public ACLs are "
                       "prevented by the BlockPublicAcls setting in S3 Block Public Access.")
    );
    REQUIRE(ask(bench, "DeletePublicAccessBlock") == "204");
    CHECK(ask(bench, "PutObjectAcl", "", {{"x-amz-acl", "public-read"}}) == "200");
    CHECK(told(bench, "GetObjectAcl").find("<Permission>READ</Permission>") != std::string::npos);
    // An event for each, although the second changes nothing.
    CHECK(ask(bench, "PutObjectAcl", private_list(bench)) == "200");
    CHECK(ask(bench, "PutObjectAcl", private_list(bench)) == "200");
    CHECK(told(bench, "GetObjectAcl") == private_list(bench));
    CHECK(heard(bench) == "ObjectAcl:Put ObjectAcl:Put ObjectAcl:Put ");
    CHECK(
        ask(bench, "PutObjectAcl") ==
        "400 MissingSecurityHeader: Your request was missing a required header "
        "[MissingHeaderName=x-amz-acl]"
    );
    CHECK(
        ask(bench, "PutObjectAcl", "", {{"x-amz-acl", "log-delivery-write"}}) ==
        "400 InvalidArgument:  [ArgumentName=x-amz-acl] [ArgumentValue=log-delivery-write]"
    );
}
