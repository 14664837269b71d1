// Buckets: names, regions, ownership, policies.
#include "emulator/protocol/error_render.hpp"
#include "emulator/s3/bucket_name.hpp"
#include "emulator/s3/ops/ops.hpp"
#include "tests/catch.hpp"
#include "tests/unit/s3/operation_bench.hpp"

using namespace benchtop;
using namespace benchtop::s3;
using namespace benchtop::s3::test;

namespace {

std::string constraint(std::string_view region) {
    return "<CreateBucketConfiguration" + std::string(kNamespace) + "><LocationConstraint>" +
           std::string(region) + "</LocationConstraint></CreateBucketConfiguration>";
}

Result<Response> create(
    Bench& bench,
    const std::string& bucket,
    const std::string& body = "",
    const std::vector<std::pair<std::string, std::string>>& headers = {}
) {
    return bench.run(create_bucket_operation(), {"PUT", "/" + bucket, headers, body});
}

std::string document(std::string_view rest) {
    return std::string(kProlog) + std::string(rest);
}

constexpr std::string_view kIncompatible =
    " location constraint is incompatible for the region specific endpoint this request was sent "
    "to.";

} // namespace

TEST_CASE("Bucket names follow AWS's rules", "[s3][bucket]") {
    for (const char* name : {"abc", "a-b", "my.bucket", "1ab", "192.168.5", "0x0"}) {
        INFO(name);
        CHECK(is_valid_bucket_name(name));
    }
    CHECK(is_valid_bucket_name(std::string(63, 'a')));
    CHECK_FALSE(is_valid_bucket_name(std::string(64, 'a')));
    for (const char* name :
         {"",
          "ab",
          "Abc",
          "a_b",
          "a b",
          "-abc",
          "abc-",
          ".abc",
          "abc.",
          "a..b",
          "192.168.5.4",
          "xn--abc",
          "sthree-abc",
          "amzn-s3-demo-abc",
          "abc-s3alias",
          "abc--ol-s3",
          "abc.mrap",
          "abc--x-s3",
          "abc--table-s3",
          "abc\xC3\xA9"}) {
        INFO(name);
        CHECK_FALSE(is_valid_bucket_name(name));
    }
    Bench bench;
    CHECK(
        outcome(create(bench, "Bad_Name")) ==
        "400 InvalidBucketName: The specified bucket is not valid. [BucketName=Bad_Name]"
    );
}

TEST_CASE("A bucket is created in the endpoint's region when it says so", "[s3][bucket]") {
    Bench bench("us-east-2");
    const auto created = create(bench, "lab-bucket", constraint("us-east-2"));
    REQUIRE(created.has_value());
    CHECK(created->status == 200);
    CHECK(created->headers.get("Location") == "http://lab-bucket.s3.amazonaws.com/");
    CHECK(created->headers.get("x-amz-bucket-arn") == "arn:aws:s3:::lab-bucket");
    CHECK(created->framing == Framing::ContentLength);
    CHECK(body_of(*created).empty());
    CHECK(bench.bucket("lab-bucket").region == "us-east-2");
    CHECK(bench.bucket("lab-bucket").account == "111122223333");

    CHECK(
        outcome(create(bench, "other")) ==
        "400 IllegalLocationConstraintException: The unspecified" + std::string(kIncompatible)
    );
    CHECK(
        outcome(create(bench, "other", constraint("eu-west-1"))) ==
        "400 IllegalLocationConstraintException: The eu-west-1" + std::string(kIncompatible)
    );
    CHECK(
        outcome(create(bench, "other", constraint("mars-1"))) ==
        "400 IllegalLocationConstraintException: The mars-1" + std::string(kIncompatible)
    );
    CHECK(outcome(create(bench, "other", "<CreateBucketConfiguration>"))
              .starts_with("400 MalformedXML"));
    CHECK(outcome(create(bench, "other", "<Wrong/>")).starts_with("400 MalformedXML"));
}

TEST_CASE("The global endpoint creates buckets in us-east-1 and elsewhere", "[s3][bucket]") {
    Bench bench("us-east-1");
    const auto here = create(bench, "here");
    REQUIRE(here.has_value());
    CHECK(here->headers.get("Location") == "/here");
    const auto there = create(bench, "there", constraint("us-east-2"));
    REQUIRE(there.has_value());
    CHECK(there->headers.get("Location") == "http://there.s3.amazonaws.com/");
    CHECK(bench.bucket("there").region == "us-east-2");
    for (const std::string wrong : {"us-east-1", "aws-global", "", "mars-1"}) {
        CHECK(
            outcome(create(bench, "other", constraint(wrong))) ==
            "400 InvalidLocationConstraint: The specified location-constraint is not valid "
            "[LocationConstraint=" +
                wrong + "]"
        );
    }
}

TEST_CASE("Creating a bucket again depends on the region and the owner", "[s3][bucket]") {
    Bench bench("us-east-2");
    REQUIRE(create(bench, "mine", constraint("us-east-2")).has_value());
    CHECK(
        outcome(create(bench, "mine", constraint("us-east-2"))) ==
        "409 BucketAlreadyOwnedByYou: Your previous request to create the named bucket succeeded "
        "and you already own it. [BucketName=mine]"
    );
    bench.caller.account = "444455556666";
    CHECK(
        outcome(create(bench, "mine", constraint("us-east-2"))) ==
        "409 BucketAlreadyExists: The requested bucket name is not available. The bucket namespace "
        "is shared by all users of the system. Please select a different name and try again. "
        "[BucketName=mine]"
    );
    Bench virginia("us-east-1");
    REQUIRE(create(virginia, "mine").has_value());
    CHECK(outcome(create(virginia, "mine")) == "200");
}

TEST_CASE("ACLs of a new bucket are off", "[s3][bucket]") {
    Bench bench("us-east-1");
    CHECK(outcome(create(bench, "acl-private", "", {{"x-amz-acl", "private"}})) == "200");
    const std::string refused =
        "400 InvalidBucketAclWithObjectOwnership: Bucket cannot have ACLs set with "
        "ObjectOwnership's BucketOwnerEnforced setting";
    CHECK(outcome(create(bench, "acl", "", {{"x-amz-acl", "public-read"}})) == refused);
    CHECK(
        outcome(create(bench, "acl", "", {{"x-amz-grant-read", "id=x"}})) ==
        "400 InvalidArgument: Invalid id [ArgumentName=id] [ArgumentValue=x]"
    );
    CHECK(
        outcome(create(bench, "acl", "", {{"x-amz-acl", "nonsense"}})) ==
        "400 InvalidArgument:  [ArgumentName=x-amz-acl] [ArgumentValue=nonsense]"
    );
    CHECK(
        outcome(create(bench, "acl", "", {{"x-amz-object-ownership", "Mine"}})) ==
        "400 InvalidArgument: Invalid x-amz-object-ownership header: Mine "
        "[ArgumentName=x-amz-object-ownership]"
    );
    CHECK(
        outcome(create(bench, "own", "", {{"x-amz-object-ownership", "BucketOwnerEnforced"}})) ==
        "200"
    );
    CHECK(bench.bucket("acl").id == 0);
}

TEST_CASE("GetBucketLocation has no word for us-east-1 and an old one for Europe", "[s3][bucket]") {
    const auto location = [](Bench& bench) {
        return body_of(*bench.run(get_bucket_location_operation(), {"GET", "/bkt?location"}));
    };
    const std::string root = "<LocationConstraint" + std::string(kNamespace);
    Bench virginia("us-east-1");
    REQUIRE(create(virginia, "bkt").has_value());
    CHECK(location(virginia) == document(root + "/>"));
    Bench ohio("us-east-2");
    REQUIRE(create(ohio, "bkt", constraint("us-east-2")).has_value());
    CHECK(location(ohio) == document(root + ">us-east-2</LocationConstraint>"));
    Bench ireland("eu-west-1");
    REQUIRE(create(ireland, "bkt", constraint("EU")).has_value());
    CHECK(ireland.bucket("bkt").region == "eu-west-1");
    CHECK(location(ireland) == document(root + ">EU</LocationConstraint>"));
    REQUIRE(ireland.run(delete_bucket_operation(), {"DELETE", "/bkt"}).has_value());
    REQUIRE(create(ireland, "bkt", constraint("eu-west-1")).has_value());
    CHECK(location(ireland) == document(root + ">eu-west-1</LocationConstraint>"));
}

TEST_CASE("Only an empty bucket is deleted", "[s3][bucket]") {
    Bench bench;
    bench.make_bucket("b");
    bench.make_object("b", "k");
    CHECK(
        outcome(bench.run(delete_bucket_operation(), {"DELETE", "/b"})) ==
        "409 BucketNotEmpty: The bucket you tried to delete is not empty [BucketName=b]"
    );
    bench.edit([&](store::WriteTx& tx) { tx.delete_object(tx.find_bucket("b")->id, "k"); });
    const auto deleted = bench.run(delete_bucket_operation(), {"DELETE", "/b"});
    REQUIRE(deleted.has_value());
    CHECK(deleted->status == 204);
    CHECK(deleted->framing == Framing::None);
    CHECK(
        outcome(bench.run(delete_bucket_operation(), {"DELETE", "/b"})) ==
        "404 NoSuchBucket: The specified bucket does not exist [BucketName=b]"
    );
}

TEST_CASE("HeadBucket tells where the bucket lives", "[s3][bucket]") {
    Bench bench;
    bench.make_bucket("b");
    const auto head = bench.run(head_bucket_operation(), {"HEAD", "/b"});
    REQUIRE(head.has_value());
    const std::vector<Headers::Entry> expected = {
        {"x-amz-bucket-region", "us-east-2"},
        {"x-amz-access-point-alias", "false"},
        {"x-amz-bucket-arn", "arn:aws:s3:::b"},
        {"Content-Type", "application/xml"}};
    CHECK(head->headers.entries() == expected);
    CHECK(head->is_head);
    CHECK_FALSE(head->head_length.has_value());
    CHECK(bench.authorizer.asked.at(0).action == "s3:ListBucket");
    CHECK(
        outcome(bench.run(
            head_bucket_operation(),
            {"HEAD", "/b", {{"x-amz-expected-bucket-owner", "444455556666"}}}
        )) == "403 AccessDenied: Access Denied"
    );
}

TEST_CASE("ListBuckets shows regions only to clients of the newer parameters", "[s3][bucket]") {
    Bench bench;
    const auto list = [&](const std::string& query) {
        return bench.run(list_buckets_operation(), {"GET", "/" + query});
    };
    std::string owner;
    bench.look([&](const store::ReadTx& tx) {
        owner = "<Owner><ID>" + tx.account("111122223333").canonical_id + "</ID></Owner>";
    });
    const std::string root = "<ListAllMyBucketsResult" + std::string(kNamespace) + ">" + owner;
    CHECK(body_of(*list("")) == document(root + "<Buckets/></ListAllMyBucketsResult>"));

    bench.make_bucket("lab-b");
    bench.make_bucket("lab-a");
    bench.make_bucket("other");
    const std::string date = "<CreationDate>2025-06-02T17:19:59.000Z</CreationDate>";
    const std::string details =
        "<BucketRegion>us-east-2</BucketRegion><BucketArn>arn:aws:s3:::lab-a</BucketArn>";
    CHECK(
        body_of(*list("")) ==
        document(
            root + "<Buckets><Bucket><Name>lab-a</Name>" + date +
            "</Bucket><Bucket><Name>lab-b</Name>" + date + "</Bucket><Bucket><Name>other</Name>" +
            date + "</Bucket></Buckets></ListAllMyBucketsResult>"
        )
    );
    const std::string page = body_of(*list("?prefix=lab-&max-buckets=1"));
    CHECK(page.starts_with(document(
        root + "<Buckets><Bucket><Name>lab-a</Name>" + date + details +
        "</Bucket></Buckets><ContinuationToken>"
    )));
    CHECK(page.ends_with("</ContinuationToken><Prefix>lab-</Prefix></ListAllMyBucketsResult>"));
    CHECK(body_of(*list("?prefix=")).ends_with("<Prefix></Prefix></ListAllMyBucketsResult>"));
    CHECK(body_of(*list("?bucket-region=us-east-2")).find(details) != std::string::npos);

    for (const std::string value : {"0", "10001", "x"}) {
        CHECK(
            outcome(list("?max-buckets=" + value)) ==
            "400 InvalidArgument: Argument max-buckets must be an integer between 1 and 10000. "
            "[ArgumentName=max-buckets] [ArgumentValue=" +
                value + "]"
        );
    }
    CHECK(
        outcome(list("?bucket-region=eu-east-1")) ==
        "400 InvalidArgument: Argument value eu-east-1 is not a valid AWS Region "
        "[ArgumentName=bucket-region] [ArgumentValue=eu-east-1]"
    );
    bench.caller.account = "444455556666";
    CHECK(body_of(*list("")).find("<Buckets/>") != std::string::npos);
    bench.authenticated.type = auth::AuthType::Anonymous;
    CHECK(outcome(list("")) == "307 : ");
    const auto ids = make_request_ids(bench.random);
    const Response page_moved =
        protocol::render_s3_error(list("").error(), ids, {bench.now}, false);
    CHECK(page_moved.headers.get("Location") == "https://aws.amazon.com/s3/");
}

TEST_CASE("A bucket policy is returned byte for byte", "[s3][policy]") {
    Bench bench;
    bench.make_bucket("lab");
    const auto get = [&] {
        return bench.run(get_bucket_policy_operation(), {"GET", "/lab?policy"});
    };
    const auto put = [&](const std::string& text) {
        return bench.run(put_bucket_policy_operation(), {"PUT", "/lab?policy", {}, text});
    };
    CHECK(
        outcome(get()) ==
        "404 NoSuchBucketPolicy: The bucket policy does not exist [BucketName=lab]"
    );
    const std::string policy =
        R"({"Version":"2012-10-17", "Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::lab/keep/*"}]})";
    const auto stored = put(policy);
    REQUIRE(stored.has_value());
    CHECK(stored->status == 204);
    REQUIRE(get().has_value());
    CHECK(body_of(*get()) == policy);
    CHECK(get()->headers.get("Content-Type") == "application/json");

    CHECK(outcome(bench.run(delete_bucket_policy_operation(), {"DELETE", "/lab?policy"})) == "204");
    CHECK(outcome(bench.run(delete_bucket_policy_operation(), {"DELETE", "/lab?policy"})) == "204");
    CHECK(bench.bucket("lab").policy.empty());
}

TEST_CASE("Bucket policies AWS refuses are refused", "[s3][policy]") {
    Bench bench;
    bench.make_bucket("lab");
    const auto put = [&](const std::string& principal, const std::string& resource) {
        return outcome(bench.run(
            put_bucket_policy_operation(),
            {"PUT",
             "/lab?policy",
             {},
             R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":)" + principal +
                 R"(,"Action":"s3:GetObject","Resource":")" + resource + R"("}]})"}
        ));
    };
    CHECK(
        put("\"*\"", "arn:aws:s3:::lab/*") ==
        "403 AccessDenied: User: arn:aws:sts::111122223333:assumed-role/web/web-presign-lambda is "
        "not authorized to perform: s3:PutBucketPolicy on resource: \"arn:aws:s3:::lab\" because "
        "public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access."
    );
    const std::string account = R"({"AWS":"444455556666"})";
    CHECK(put(account, "arn:aws:s3:::lab/*") == "204");
    CHECK(put(account, "arn:aws:s3:::other/*").starts_with("400 MalformedPolicy: "));
    const std::string role = R"({"AWS":"arn:aws:iam::111122223333:role/worker"})";
    CHECK(put(role, "arn:aws:s3:::lab/*") == "400 MalformedPolicy: Invalid principal in policy");
    bench.edit([](store::WriteTx& tx) {
        store::Role worker;
        worker.account = "111122223333";
        worker.name = "worker";
        worker.role_id = "AROAEXAMPLEEXAMPLE345";
        tx.put_role(worker);
    });
    CHECK(put(role, "arn:aws:s3:::lab/*") == "204");
    CHECK(
        outcome(bench.run(put_bucket_policy_operation(), {"PUT", "/lab?policy", {}, "nonsense"})) ==
        "400 MalformedPolicy: Policies must be valid JSON and the first byte must be '{'"
    );
    // As after every 400 of S3, the connection is closed.
    CHECK(bench.run(put_bucket_policy_operation(), {"PUT", "/lab?policy", {}, "nonsense"})
              .error()
              .closes_connection());
    CHECK(
        outcome(bench.run(put_bucket_policy_operation(), {"PUT", "/lab?policy"})) ==
        "400 MissingRequestBodyError: Request Body is empty"
    );
}

TEST_CASE("An account has at most 10,000 buckets", "[s3][bucket]") {
    Bench bench;
    bench.edit([&](store::WriteTx& tx) {
        for (int i = 0; i < 9'999; ++i) {
            store::Bucket bucket;
            bucket.name = "bucket-" + std::to_string(i);
            bucket.account = bench.caller.account;
            bucket.region = bench.region;
            tx.create_bucket(bucket);
        }
    });
    const auto create = [&](std::string_view name) {
        return outcome(bench.run(
            create_bucket_operation(),
            {"PUT",
             "/" + std::string(name),
             {},
             "<CreateBucketConfiguration><LocationConstraint>us-east-2</LocationConstraint>"
             "</CreateBucketConfiguration>"}
        ));
    };
    CHECK(create("the-last-one") == "200");
    CHECK(
        create("one-too-many") ==
        "400 TooManyBuckets: You have attempted to create more buckets than allowed"
    );
    bench.caller.account = "444455556666";
    CHECK(create("another-accounts") == "200");
    CHECK(create("bucket-1").starts_with("409 BucketAlreadyExists"));
}
