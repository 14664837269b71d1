// Sub-resources that are one document: what a new bucket has, what is refused, what is given back,
// what a DELETE leaves. Answers recorded.
#include "tests/catch.hpp"
#include "tests/unit/s3/sub_resource_bench.hpp"

using namespace benchtop;
using namespace benchtop::s3;
using namespace benchtop::s3::test;

namespace {

const std::string kMalformed = "400 MalformedXML: The XML you provided was not well-formed or did "
                               "not validate against our published schema";

std::string ownership(std::string_view value) {
    return document(
        "OwnershipControls",
        "<Rule><ObjectOwnership>" + std::string(value) + "</ObjectOwnership></Rule>"
    );
}

std::string public_access(
    std::string_view acls,
    std::string_view ignore,
    std::string_view policy,
    std::string_view restrict
) {
    std::string text;
    const auto add = [&](std::string_view name, std::string_view value) {
        text.append("<").append(name).append(">").append(value);
        text.append("</").append(name).append(">");
    };
    add("BlockPublicAcls", acls);
    add("IgnorePublicAcls", ignore);
    add("BlockPublicPolicy", policy);
    add("RestrictPublicBuckets", restrict);
    return document("PublicAccessBlockConfiguration", text);
}

std::string tagging(const std::vector<std::pair<std::string, std::string>>& tags) {
    std::string text;
    for (const auto& [key, value] : tags) {
        text += "<Tag><Key>" + key + "</Key><Value>" + value + "</Value></Tag>";
    }
    return document("Tagging", text.empty() ? "<TagSet/>" : "<TagSet>" + text + "</TagSet>");
}

} // namespace

TEST_CASE("A new bucket's sub-resources", "[s3][documents]") {
    Bench bench;
    bench.make_bucket("b");
    CHECK(told(bench, "GetBucketOwnershipControls") == ownership("BucketOwnerEnforced"));
    CHECK(told(bench, "GetPublicAccessBlock") == public_access("true", "true", "true", "true"));
    CHECK(
        told(bench, "GetBucketTagging") ==
        "404 NoSuchTagSet: The TagSet does not exist [BucketName=b]"
    );
    CHECK(
        told(bench, "GetBucketRequestPayment") ==
        document("RequestPaymentConfiguration", "<Payer>BucketOwner</Payer>")
    );
    CHECK(
        told(bench, "GetBucketAccelerateConfiguration") == document("AccelerateConfiguration", "")
    );
}

TEST_CASE("What is put is given back, and a DELETE is idempotent", "[s3][documents]") {
    Bench bench;
    bench.make_bucket("b");
    CHECK(ask(bench, "PutBucketOwnershipControls", ownership("ObjectWriter")) == "200");
    CHECK(told(bench, "GetBucketOwnershipControls") == ownership("ObjectWriter"));
    for (int i = 0; i < 2; ++i) {
        CHECK(ask(bench, "DeleteBucketOwnershipControls") == "204");
        CHECK(
            ask(bench, "GetBucketOwnershipControls") ==
            "404 OwnershipControlsNotFoundError: The bucket ownership controls were not found "
            "[BucketName=b]"
        );
    }
    const std::string three = "<PublicAccessBlockConfiguration><BlockPublicAcls>false"
                              "</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls>"
                              "<BlockPublicPolicy>FALSE</BlockPublicPolicy>"
                              "</PublicAccessBlockConfiguration>";
    CHECK(ask(bench, "PutPublicAccessBlock", three) == "200");
    CHECK(told(bench, "GetPublicAccessBlock") == public_access("false", "true", "false", "false"));
    for (int i = 0; i < 2; ++i) {
        CHECK(ask(bench, "DeletePublicAccessBlock") == "204");
        CHECK(
            ask(bench, "GetPublicAccessBlock") ==
            "404 NoSuchPublicAccessBlockConfiguration: The public access block configuration was "
            "not found [BucketName=b]"
        );
    }
    const std::string requester =
        document("RequestPaymentConfiguration", "<Payer>Requester</Payer>");
    CHECK(ask(bench, "PutBucketRequestPayment", requester) == "200");
    CHECK(told(bench, "GetBucketRequestPayment") == requester);
    const std::string enabled = document("AccelerateConfiguration", "<Status>Enabled</Status>");
    CHECK(ask(bench, "PutBucketAccelerateConfiguration", enabled) == "200");
    CHECK(told(bench, "GetBucketAccelerateConfiguration") == enabled);
}

TEST_CASE("Bucket tags", "[s3][documents][tags]") {
    Bench bench;
    bench.make_bucket("b");
    const std::string two = tagging({{"tag1", "tag1"}, {"tag2", ""}});
    CHECK(ask(bench, "PutBucketTagging", two) == "204");
    CHECK(told(bench, "GetBucketTagging") == two);
    const std::string none = "404 NoSuchTagSet: The TagSet does not exist [BucketName=b]";
    for (const std::string_view empty : {"<Tagging><TagSet/></Tagging>", "<Tagging/>"}) {
        CHECK(ask(bench, "PutBucketTagging", std::string(empty)) == "204");
        CHECK(ask(bench, "GetBucketTagging") == none);
    }
    REQUIRE(ask(bench, "PutBucketTagging", two) == "204");
    CHECK(ask(bench, "DeleteBucketTagging") == "204");
    CHECK(ask(bench, "DeleteBucketTagging") == "204");
    CHECK(ask(bench, "GetBucketTagging") == none);

    const auto refused = [&](const std::vector<std::pair<std::string, std::string>>& tags) {
        return ask(bench, "PutBucketTagging", tagging(tags));
    };
    CHECK(
        refused({{"Key1", "Val1"}, {"Key1", "Val1"}}) ==
        "400 InvalidTag: Cannot provide multiple Tags with the same key [TagKey=Key1]"
    );
    CHECK(
        refused({{"Key1,Key2", "Val1"}}) ==
        "400 InvalidTag: The TagKey you have provided is invalid [TagKey=Key1,Key2]"
    );
    CHECK(
        refused({{"Key1", "Val1,Val2"}}) ==
        "400 InvalidTag: The TagValue you have provided is invalid [TagKey=Key1] "
        "[TagValue=Val1,Val2]"
    );
    CHECK(
        refused({{"aws:prefixed", "x"}}) ==
        "400 InvalidTag: System tags cannot be added/updated by requester [TagKey=aws:prefixed]"
    );
    CHECK(refused({{std::string(129, 'k'), ""}}).starts_with("400 InvalidTag: The TagKey"));
    CHECK(refused({{"k", std::string(257, 'v')}}).starts_with("400 InvalidTag: The TagValue"));
    std::vector<std::pair<std::string, std::string>> many;
    for (int i = 0; i < 50; ++i) {
        many.emplace_back("k" + std::to_string(i), "");
    }
    CHECK(ask(bench, "PutBucketTagging", tagging(many)) == "204");
    many.emplace_back("one too many", "");
    CHECK(refused(many) == "400 BadRequest: Bucket tag count cannot be greater than 50");
    for (const std::string_view wrong :
         {"<Tagging><TagSet><Tag><Value>v</Value></Tag></TagSet></Tagging>",
          "<Tagging><TagSet><Tag><Key>k</Key></Tag></TagSet></Tagging>",
          "<Tagging><TagSet><Other/></TagSet></Tagging>",
          "<Tagging><Tags/></Tagging>",
          "<TagSet/>",
          "no XML"}) {
        CHECK(ask(bench, "PutBucketTagging", std::string(wrong)) == kMalformed);
    }
}

TEST_CASE("A bucket is created with tags and owners", "[s3][bucket][tags]") {
    Bench bench("us-east-1");
    const auto create = [&](std::string inside, HeaderFields headers = {}) {
        return outcome(bench.run(
            operation_named("CreateBucket"),
            {"PUT",
             "/bkt",
             std::move(headers),
             inside.empty() ? std::string()
                            : "<CreateBucketConfiguration><Tags>" + inside +
                                  "</Tags></CreateBucketConfiguration>"}
        ));
    };
    const std::string tag = "<Tag><Key>tag1</Key><Value>value1</Value></Tag>";
    const std::string owned = "409 BucketAlreadyOwnedByYou: Your previous request to create the "
                              "named bucket succeeded and you already own it. [BucketName=bkt]";
    CHECK(
        create("<Tag><Key>aws:t</Key><Value>v</Value></Tag>") ==
        "400 InvalidTag: User-defined tag keys can't start with \"aws:\". This prefix is reserved "
        "for system tags. Remove \"aws:\" from your tag keys and try again."
    );
    CHECK(create(tag, {{"x-amz-object-ownership", "ObjectWriter"}}) == "200");
    const std::string kept = std::string(kProlog) + tagging({{"tag1", "value1"}});
    CHECK(bench.bucket("bkt").setting("tagging") == kept);
    CHECK(
        bench.bucket("bkt").setting("ownershipControls") ==
        std::string(kProlog) + ownership("ObjectWriter")
    );
    CHECK(create(tag) == owned);
    CHECK(create("") == "200");
    CHECK(bench.bucket("bkt").setting("tagging") == kept);
}

TEST_CASE("Documents that are none of their schema", "[s3][documents]") {
    Bench bench;
    bench.make_bucket("b");
    const std::pair<std::string_view, std::string_view> wrong[] = {
        {"PutBucketOwnershipControls", "<OwnershipControls/>"},
        {"PutBucketOwnershipControls",
         "<OwnershipControls><Rule><ObjectOwnership>BucketOwnerPreferred</ObjectOwnership></Rule>"
         "<Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule></OwnershipControls>"},
        {"PutBucketOwnershipControls",
         "<OwnershipControls><Rule><ObjectOwnership>Random</ObjectOwnership></Rule>"
         "</OwnershipControls>"},
        {"PutBucketRequestPayment",
         "<RequestPaymentConfiguration><Payer>Nobody</Payer></RequestPaymentConfiguration>"},
        {"PutBucketRequestPayment", "<Payer>Requester</Payer>"},
        {"PutBucketAccelerateConfiguration",
         "<AccelerateConfiguration><Status>enabled</Status></AccelerateConfiguration>"},
        {"PutPublicAccessBlock",
         "<PublicAccessBlockConfiguration><BlockPublicAcls>perhaps</BlockPublicAcls>"
         "</PublicAccessBlockConfiguration>"},
        {"PutPublicAccessBlock",
         "<PublicAccessBlockConfiguration><Everything>true</Everything>"
         "</PublicAccessBlockConfiguration>"},
        {"PutPublicAccessBlock", "<PublicAccessBlockConfiguration>"},
    };
    for (const auto& [name, body] : wrong) {
        CAPTURE(name, body);
        CHECK(ask(bench, name, std::string(body)) == kMalformed);
    }
    CHECK(
        ask(bench, "PutPublicAccessBlock") == "400 MissingRequestBodyError: Request Body is empty"
    );
}

TEST_CASE("Transfer acceleration is not for dotted names", "[s3][documents]") {
    Bench bench;
    bench.make_bucket("dotted.name");
    CHECK(
        outcome(bench.run(
            operation_named("PutBucketAccelerateConfiguration"),
            {"PUT",
             "/dotted.name?accelerate",
             {},
             document("AccelerateConfiguration", "<Status>Enabled</Status>")}
        )) ==
        "400 InvalidRequest: S3 Transfer Acceleration is not supported for buckets with periods "
        "(.) in their names"
    );
}

TEST_CASE("Each sub-resource asks for its own action", "[s3][documents]") {
    Bench bench;
    bench.make_bucket("b");
    const std::pair<std::string_view, std::string_view> actions[] = {
        {"GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock"},
        {"DeletePublicAccessBlock", "s3:PutBucketPublicAccessBlock"},
        {"DeleteBucketOwnershipControls", "s3:PutBucketOwnershipControls"},
        {"GetBucketAccelerateConfiguration", "s3:GetAccelerateConfiguration"},
        {"DeleteBucketTagging", "s3:PutBucketTagging"},
    };
    for (const auto& [name, action] : actions) {
        bench.authorizer.denied = {{std::string(action), "arn:aws:s3:::b"}};
        CHECK(ask(bench, name).starts_with("403 AccessDenied: denied: " + std::string(action)));
    }
}

TEST_CASE("Default encryption", "[s3][documents][encryption]") {
    Bench bench;
    bench.make_bucket("b");
    const auto rule = [](std::string_view inside) {
        return document(
            "ServerSideEncryptionConfiguration", "<Rule>" + std::string(inside) + "</Rule>"
        );
    };
    const std::string aes = "<ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256"
                            "</SSEAlgorithm></ApplyServerSideEncryptionByDefault>";
    const std::string off = "<BucketKeyEnabled>false</BucketKeyEnabled>";
    const std::string initial = rule(
        aes + off +
        "<BlockedEncryptionTypes><EncryptionType>SSE-C</EncryptionType></BlockedEncryptionTypes>"
    );
    CHECK(told(bench, "GetBucketEncryption") == initial);
    CHECK(ask(bench, "PutBucketEncryption", rule(aes)) == "200");
    CHECK(told(bench, "GetBucketEncryption") == rule(aes + off));
    CHECK(ask(bench, "DeleteBucketEncryption") == "204");
    CHECK(ask(bench, "DeleteBucketEncryption") == "204");
    CHECK(told(bench, "GetBucketEncryption") == initial);
    const std::string key = "<KMSMasterKeyID>k</KMSMasterKeyID>";
    const auto by_default = [&](std::string_view algorithm, std::string_view more = "") {
        return rule(
            "<ApplyServerSideEncryptionByDefault><SSEAlgorithm>" + std::string(algorithm) +
            "</SSEAlgorithm>" + std::string(more) + "</ApplyServerSideEncryptionByDefault>"
        );
    };
    CHECK(
        ask(bench, "PutBucketEncryption", by_default("AES256", key)) ==
        "400 InvalidArgument: a KMSMasterKeyID is not applicable if the default sse algorithm is "
        "not aws:kms or aws:kms:dsse [ArgumentName=ApplyServerSideEncryptionByDefault]"
    );
    CHECK(
        ask(bench, "PutBucketEncryption", by_default("aws:kms")) ==
        "501 NotImplemented: PutBucketEncryption with aws:kms is not implemented by Benchtop yet."
    );
    for (const std::string& wrong :
         {document("ServerSideEncryptionConfiguration", ""),
          document(
              "ServerSideEncryptionConfiguration",
              "<Rule>" + aes + "</Rule><Rule>" + aes + "</Rule>"
          ),
          by_default("rot13")}) {
        CHECK(ask(bench, "PutBucketEncryption", wrong) == kMalformed);
    }
}

TEST_CASE("Logging needs a bucket to log to", "[s3][documents]") {
    Bench bench;
    bench.make_bucket("b");
    bench.make_bucket("logs");
    const auto to = [](std::string_view target, std::string_view grants = "") {
        return document(
            "BucketLoggingStatus",
            "<LoggingEnabled><TargetBucket>" + std::string(target) + "</TargetBucket>" +
                std::string(grants) + "<TargetPrefix>log</TargetPrefix></LoggingEnabled>"
        );
    };
    const std::string off = document("BucketLoggingStatus", "");
    CHECK(told(bench, "GetBucketLogging") == off);
    CHECK(ask(bench, "PutBucketLogging", to("logs")) == "200");
    CHECK(told(bench, "GetBucketLogging") == to("logs"));
    const std::string grants =
        "<TargetGrants><Grant><Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
        "xsi:type=\"Group\"><URI>http://acs.amazonaws.com/groups/s3/LogDelivery</URI></Grantee>"
        "<Permission>WRITE</Permission></Grant></TargetGrants>";
    CHECK(ask(bench, "PutBucketLogging", to("logs", grants)) == "200");
    CHECK(told(bench, "GetBucketLogging") == to("logs", grants));
    CHECK(ask(bench, "PutBucketLogging", off) == "200");
    CHECK(told(bench, "GetBucketLogging") == off);
    CHECK(
        ask(bench, "PutBucketLogging", to("absent")) ==
        "400 InvalidTargetBucketForLogging: The target bucket for logging does not exist "
        "[TargetBucket=absent]"
    );
    const auto far = [&](std::string account, std::string region) {
        bench.edit([&](store::WriteTx& tx) {
            store::Bucket other;
            other.name = "far-" + region + account;
            other.account = account;
            other.region = region;
            tx.create_bucket(other);
        });
        return ask(bench, "PutBucketLogging", to("far-" + region + account));
    };
    CHECK(
        far("111122223333", "eu-west-1") ==
        "403 CrossLocationLoggingProhibitted: Cross S3 location logging not allowed.  "
        "[SourceBucketLocation=us-east-2] [TargetBucketLocation=eu-west-1]"
    );
    CHECK(far("444455556666", "us-east-2").starts_with("400 InvalidTargetBucketForLogging: "));
}

TEST_CASE("Replication is refused as AWS refuses it, then by name", "[s3][documents]") {
    Bench bench;
    bench.make_bucket("b");
    const std::string missing = "404 ReplicationConfigurationNotFoundError: The replication "
                                "configuration was not found [BucketName=b]";
    CHECK(ask(bench, "GetBucketReplication") == missing);
    CHECK(ask(bench, "DeleteBucketReplication") == "204");
    const std::string one = "<ReplicationConfiguration><Role>r</Role><Rule/>"
                            "</ReplicationConfiguration>";
    CHECK(
        ask(bench, "PutBucketReplication", one) ==
        "400 InvalidRequest: Versioning must be 'Enabled' on the bucket to apply a replication "
        "configuration"
    );
    bench.edit([](store::WriteTx& tx) {
        tx.set_bucket_setting(tx.find_bucket("b")->id, "versioning", "Enabled");
    });
    CHECK(ask(bench, "PutBucketReplication", one).starts_with("501 NotImplemented: "));
    CHECK(
        ask(bench,
            "PutBucketReplication",
            "<ReplicationConfiguration><Role>r</Role></ReplicationConfiguration>") == kMalformed
    );
    CHECK(ask(bench, "GetBucketReplication") == missing);
}

TEST_CASE("A policy's status", "[s3][documents]") {
    Bench bench;
    bench.make_bucket("b");
    const auto status = [&](std::string_view principal, std::string_view condition = "{}") {
        bench.edit([&](store::WriteTx& tx) {
            tx.set_bucket_policy(
                tx.find_bucket("b")->id,
                R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":)" +
                    std::string(principal) +
                    R"(,"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Condition":)" +
                    std::string(condition) + "}]}"
            );
        });
        return told(bench, "GetBucketPolicyStatus");
    };
    const auto is = [](std::string_view value) {
        return document("PolicyStatus", "<IsPublic>" + std::string(value) + "</IsPublic>");
    };
    CHECK(
        ask(bench, "GetBucketPolicyStatus") ==
        "404 NoSuchBucketPolicy: The bucket policy does not exist [BucketName=b]"
    );
    CHECK(status(R"("*")") == is("true"));
    CHECK(status(R"({"AWS":"444455556666"})") == is("false"));
    const auto from = [](std::string_view range) {
        return R"({"IpAddress":{"aws:SourceIp":")" + std::string(range) + R"("}})";
    };
    CHECK(status(R"("*")", from("203.0.113.0/24")) == is("false"));
    CHECK(status(R"("*")", from("10.0.0.0/8")) == is("false"));
    CHECK(status(R"("*")", from("0.0.0.0/1")) == is("true"));
    CHECK(status(R"("*")", from("2001:db8::/31")) == is("true"));
    CHECK(status(R"("*")", R"({"StringLike":{"aws:UserAgent":"curl*"}})") == is("true"));
}
