// Access control lists of buckets: forms, refusals and what a list grants. Answers recorded.
#include "emulator/s3/acl.hpp"
#include "emulator/store/accounts.hpp"
#include "tests/catch.hpp"
#include "tests/unit/s3/sub_resource_bench.hpp"

using namespace benchtop;
using namespace benchtop::s3;
using namespace benchtop::s3::test;

namespace {

constexpr std::string_view kOwner = "111122223333";
constexpr std::string_view kOther = "444455556666";
constexpr std::string_view kAllUsers = "http://acs.amazonaws.com/groups/global/AllUsers";
constexpr std::string_view kLogDelivery = "http://acs.amazonaws.com/groups/s3/LogDelivery";

std::string id_of(std::string_view account) {
    return store::derive_account(account).canonical_id;
}

std::string grant(std::string_view type, std::string_view who, std::string_view permission) {
    const std::string_view element = type == "Group" ? "URI" : "ID";
    std::string text = "<Grant><Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
                       "xsi:type=\"";
    text.append(type).append("\"><").append(element).append(">").append(who);
    text.append("</").append(element).append("></Grantee><Permission>").append(permission);
    return text.append("</Permission></Grant>");
}

std::string list(std::string_view owner_id, std::string_view grants) {
    return document(
        "AccessControlPolicy",
        "<Owner><ID>" + std::string(owner_id) + "</ID></Owner><AccessControlList>" +
            std::string(grants) + "</AccessControlList>"
    );
}

const std::string kFull = grant("CanonicalUser", id_of(kOwner), "FULL_CONTROL");
const std::string kPrivate = list(id_of(kOwner), kFull);

// A bucket whose ACLs count and may be public.
Bench open_bucket() {
    Bench bench;
    bench.make_bucket("b");
    REQUIRE(ask(bench, "DeleteBucketOwnershipControls") == "204");
    REQUIRE(ask(bench, "DeletePublicAccessBlock") == "204");
    return bench;
}

HeaderFields canned(std::string_view name) {
    return {{"x-amz-acl", std::string(name)}};
}

policy::Principal caller_of(std::string_view account) {
    policy::Principal who;
    who.kind = policy::Principal::Kind::Root;
    who.account = account;
    return who;
}

} // namespace

TEST_CASE("A canonical id leads back to its account", "[s3][acl]") {
    const std::string id = id_of(kOther);
    CHECK(store::account_of_canonical_id(id) == kOther);
    std::string changed = id;
    changed[5] = changed[5] == '0' ? '1' : '0';
    CHECK_FALSE(store::account_of_canonical_id(changed));
    CHECK_FALSE(store::account_of_canonical_id("wrong-id"));
    CHECK_FALSE(store::account_of_canonical_id(std::string(64, '0')));
    CHECK_FALSE(store::account_of_canonical_id(""));
}

TEST_CASE("A bucket without ACLs shows its owner's full control and takes none", "[s3][acl]") {
    Bench bench;
    bench.make_bucket("b");
    CHECK(told(bench, "GetBucketAcl") == kPrivate);
    const std::string off = "400 AccessControlListNotSupported: The bucket does not allow ACLs";
    CHECK(ask(bench, "PutBucketAcl", "", canned("private")) == off);
    CHECK(ask(bench, "PutBucketAcl", "", canned("public-read")) == off);
    CHECK(ask(bench, "PutBucketAcl", kPrivate) == off);
}

TEST_CASE("Canned ACLs, grants and documents are put and shown", "[s3][acl]") {
    Bench bench = open_bucket();
    CHECK(told(bench, "GetBucketAcl") == kPrivate);
    CHECK(ask(bench, "PutBucketAcl", "", canned("public-read")) == "200");
    CHECK(
        told(bench, "GetBucketAcl") ==
        list(id_of(kOwner), kFull + grant("Group", kAllUsers, "READ"))
    );
    CHECK(ask(bench, "PutBucketAcl", "", canned("private")) == "200");
    CHECK(told(bench, "GetBucketAcl") == kPrivate);
    const std::string quoted = "uri=\"" + std::string(kLogDelivery) + "\"";
    const std::string both = quoted + ", id=" + id_of(kOther);
    CHECK(ask(bench, "PutBucketAcl", "", {{"x-amz-grant-read", both}}) == "200");
    CHECK(
        told(bench, "GetBucketAcl") ==
        list(
            id_of(kOwner),
            grant("Group", kLogDelivery, "READ") + grant("CanonicalUser", id_of(kOther), "READ")
        )
    );
    const std::string given = list(id_of(kOwner), kFull + grant("Group", kLogDelivery, "WRITE"));
    CHECK(ask(bench, "PutBucketAcl", given) == "200");
    CHECK(told(bench, "GetBucketAcl") == given);
    const std::string nobody = list(id_of(kOwner), "");
    CHECK(ask(bench, "PutBucketAcl", nobody) == "200");
    CHECK(told(bench, "GetBucketAcl") == nobody);
}

TEST_CASE("ACLs that are refused", "[s3][acl]") {
    Bench bench = open_bucket();
    {
        CHECK(
            ask(bench, "PutBucketAcl", "", canned("fake-acl")) ==
            "400 InvalidArgument:  [ArgumentName=x-amz-acl] [ArgumentValue=fake-acl]"
        );
        const auto write_grant = [&](std::string value) {
            return ask(bench, "PutBucketAcl", "", {{"x-amz-grant-write", std::move(value)}});
        };
        CHECK(
            write_grant("uri=\"http://acs.amazonaws.com/groups/s3/FakeGroup\"") ==
            "400 InvalidArgument: Invalid group uri [ArgumentName=uri] "
            "[ArgumentValue=http://acs.amazonaws.com/groups/s3/FakeGroup]"
        );
        CHECK(
            write_grant("fakekey=\"1234\"") ==
            "400 InvalidArgument: Argument format not recognized "
            "[ArgumentName=x-amz-grant-write] [ArgumentValue=fakekey=\"1234\"]"
        );
        CHECK(
            write_grant("id=\"wrong-id\"") ==
            "400 InvalidArgument: Invalid id [ArgumentName=id] [ArgumentValue=wrong-id]"
        );
        CHECK(write_grant("emailAddress=\"a@example.com\"").starts_with("405 MethodNotAllowed"));
        CHECK(
            ask(bench, "PutBucketAcl") ==
            "400 MissingSecurityHeader: Your request was missing a required header "
            "[MissingHeaderName=x-amz-acl]"
        );
        CHECK(
            ask(bench, "PutBucketAcl", kPrivate, canned("private")) ==
            "400 UnexpectedContent: This request does not support content"
        );
        HeaderFields two = canned("private");
        two.emplace_back("x-amz-grant-read", "uri=\"" + std::string(kLogDelivery) + "\"");
        CHECK(
            ask(bench, "PutBucketAcl", "", two) ==
            "400 InvalidRequest: Specifying both Canned ACLs and Header Grants is not allowed"
        );
        const std::string malformed = "400 MalformedACLError: The XML you provided was not "
                                      "well-formed or did not validate against our published "
                                      "schema";
        for (const std::string& wrong :
             {std::string("<AccessControlPolicy/>"),
              document(
                  "AccessControlPolicy", "<AccessControlList>" + kFull + "</AccessControlList>"
              ),
              list(id_of(kOwner), grant("Group", kLogDelivery, "WRONG-PERMISSION")),
              list(id_of(kOwner), grant("BadType", id_of(kOwner), "READ")),
              std::string("no XML")}) {
            CHECK(ask(bench, "PutBucketAcl", wrong) == malformed);
        }
        const std::string bad_id =
            "400 InvalidArgument: Invalid id [ArgumentName=CanonicalUser/ID] "
            "[ArgumentValue=wrong-id]";
        CHECK(ask(bench, "PutBucketAcl", list("wrong-id", kFull)) == bad_id);
        CHECK(
            ask(bench,
                "PutBucketAcl",
                list(id_of(kOwner), grant("CanonicalUser", "wrong-id", "READ"))) == bad_id
        );
        CHECK(
            ask(bench, "PutBucketAcl", list(id_of(kOwner), grant("Group", "http://x", "READ"))) ==
            "400 InvalidArgument: Invalid group uri [ArgumentName=Group/URI] "
            "[ArgumentValue=http://x]"
        );
        CHECK(
            ask(bench, "PutBucketAcl", list(id_of(kOther), kFull)) ==
            "403 AccessDenied: Access Denied"
        );
        CHECK(told(bench, "GetBucketAcl") == kPrivate);
    }
}

TEST_CASE("BlockPublicAcls refuses public lists by name", "[s3][acl]") {
    Bench bench;
    bench.make_bucket("b");
    REQUIRE(ask(bench, "DeleteBucketOwnershipControls") == "204");
    const std::string refused =
        "403 AccessDenied: User: arn:aws:sts::111122223333:assumed-role/web/web-presign-lambda is "
        "not authorized to perform: s3:PutBucketAcl on resource: \"arn:aws:s3:::b\" because public "
        "ACLs are prevented by the BlockPublicAcls setting in S3 Block Public Access.";
    for (const std::string_view name : {"public-read", "public-read-write", "authenticated-read"}) {
        CHECK(ask(bench, "PutBucketAcl", "", canned(name)) == refused);
    }
    CHECK(ask(bench, "PutBucketAcl", "", canned("log-delivery-write")) == "200");
}

TEST_CASE("Ownership is not enforced over grants to others", "[s3][acl]") {
    Bench bench = open_bucket();
    const std::string enforced = document(
        "OwnershipControls", "<Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule>"
    );
    REQUIRE(ask(bench, "PutBucketAcl", "", canned("public-read")) == "200");
    CHECK(
        ask(bench, "PutBucketOwnershipControls", enforced) ==
        "400 InvalidBucketAclWithObjectOwnership: Bucket cannot have ACLs set with "
        "ObjectOwnership's BucketOwnerEnforced setting"
    );
    REQUIRE(ask(bench, "PutBucketAcl", "", canned("private")) == "200");
    CHECK(ask(bench, "PutBucketOwnershipControls", enforced) == "200");
}

TEST_CASE("What a list grants to whom", "[s3][acl]") {
    using enum Permission;
    using Match = policy::PrincipalMatch;
    const auto owner = caller_of(kOwner);
    const auto other = caller_of(kOther);
    const policy::Principal nobody;
    const auto may = [](std::string_view name, const policy::Principal& who, Permission wanted) {
        return granted(*canned_acl(name, kOwner, "777788889999"), who, wanted, PublicGrants::Count);
    };
    CHECK(may("private", owner, WriteAcp) == Match::Account);
    CHECK(may("private", other, Read) == Match::No);
    CHECK(may("private", nobody, Read) == Match::No);
    CHECK(may("public-read", nobody, Read) == Match::Everyone);
    CHECK(may("public-read", nobody, Write) == Match::No);
    CHECK(may("public-read-write", nobody, Write) == Match::Everyone);
    CHECK(may("authenticated-read", nobody, Read) == Match::No);
    CHECK(may("authenticated-read", other, Read) == Match::Everyone);
    CHECK(may("bucket-owner-read", caller_of("777788889999"), Read) == Match::Account);
    CHECK(may("bucket-owner-read", caller_of("777788889999"), WriteAcp) == Match::No);
    CHECK(may("bucket-owner-full-control", caller_of("777788889999"), WriteAcp) == Match::Account);
    CHECK(
        granted(*canned_acl("public-read", kOwner, kOwner), other, Read, PublicGrants::Ignored) ==
        Match::No
    );
    CHECK_FALSE(canned_acl("secret", kOwner, kOwner));
}

TEST_CASE("A list survives its stored form", "[s3][acl]") {
    for (const std::string_view name :
         {"private",
          "public-read-write",
          "authenticated-read",
          "log-delivery-write",
          "bucket-owner-full-control"}) {
        const Acl acl = *canned_acl(name, kOwner, kOther);
        CHECK(parse_acl_text(to_text(acl, kOwner), kOwner) == acl);
    }
    CHECK(to_text(private_acl(kOwner), kOwner).empty());
    CHECK(parse_acl_text(to_text(Acl{}, kOwner), kOwner) == Acl{});
}
