// Who may what: policies, access control lists, object owners and Block Public Access together,
// asked over the whole way of a request by four callers.
#include "emulator/store/accounts.hpp"
#include "harness/lab.hpp"
#include "tests/catch.hpp"

using namespace benchtop;
using namespace benchtop::harness;

namespace {

// The owner's root, another account's root, another account's user without policies, nobody.
enum class Who { Owner, Other, OtherUser, Nobody };

constexpr std::string_view kOwner = "111122223333";
constexpr std::string_view kOther = "444455556666";

class World {
public:
    World() {
        lab_.write([](store::WriteTx& tx) {
            store::User user;
            user.account = kOther;
            user.name = "bo";
            user.user_id = "AIDAEXAMPLEEXAMPLE234";
            tx.put_user(user);
            store::AccessKey key;
            key.access_key_id = "AKIAI44QH8DHBEXAMPLE";
            key.secret = "secret";
            key.account = kOther;
            key.principal_name = "bo";
            tx.put_access_key(key);
        });
        REQUIRE(put("").status == 200);
        REQUIRE(put("/private").status == 200);
    }

    ClientResponse send(
        Who who,
        std::string method,
        std::string rest,
        std::vector<std::pair<std::string, std::string>> headers = {},
        std::string body = ""
    ) {
        ClientRequest request;
        request.method = std::move(method);
        request.url = std::string(kEndpoint) + "/shared" + rest;
        request.headers = std::move(headers);
        request.body = std::move(body);
        switch (who) {
        case Who::Owner:
            return lab_.send_signed(request, {std::string(kOwner), "test", ""});
        case Who::Other:
            return lab_.send_signed(request, {std::string(kOther), "test", ""});
        case Who::OtherUser:
            return lab_.send_signed(request, {"AKIAI44QH8DHBEXAMPLE", "secret", ""});
        case Who::Nobody:
            break;
        }
        return lab_.send(request);
    }

    // By the owner.
    ClientResponse
    put(std::string rest,
        std::string body = "",
        std::vector<std::pair<std::string, std::string>> headers = {}) {
        if (rest.empty()) {
            body = "<CreateBucketConfiguration><LocationConstraint>us-east-2</LocationConstraint>"
                   "</CreateBucketConfiguration>";
        }
        return send(Who::Owner, "PUT", std::move(rest), std::move(headers), std::move(body));
    }

    void own(std::string_view ownership) {
        REQUIRE(
            put("?ownershipControls",
                "<OwnershipControls><Rule><ObjectOwnership>" + std::string(ownership) +
                    "</ObjectOwnership></Rule></OwnershipControls>")
                .status == 200
        );
    }

    void block(std::string_view flag) {
        std::string text = "<PublicAccessBlockConfiguration>";
        if (!flag.empty()) {
            text.append("<").append(flag).append(">true</").append(flag).append(">");
        }
        REQUIRE(
            put("?publicAccessBlock", text + "</PublicAccessBlockConfiguration>").status == 200
        );
    }

    void set_policy(const std::string& statement) {
        REQUIRE(
            put("?policy", R"({"Version":"2012-10-17","Statement":[)" + statement + "]}").status ==
            204
        );
    }

    // Status each caller gets, in the order of Who.
    std::vector<int> asked(
        std::string_view method,
        std::string_view rest,
        std::vector<std::pair<std::string, std::string>> headers = {}
    ) {
        std::vector<int> statuses;
        for (const Who who : {Who::Owner, Who::Other, Who::OtherUser, Who::Nobody}) {
            statuses.push_back(send(who, std::string(method), std::string(rest), headers).status);
        }
        return statuses;
    }

    Lab& lab() { return lab_; }

private:
    Lab lab_;
};

using Statuses = std::vector<int>;
using Header = std::vector<std::pair<std::string, std::string>>;

const Statuses kOwnerOnly{200, 403, 403, 403};

std::string allow_everyone(std::string_view action, std::string_view resource) {
    return R"({"Effect":"Allow","Principal":"*","Action":")" + std::string(action) +
           R"(","Resource":"arn:aws:s3:::shared)" + std::string(resource) + "\"}";
}

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

} // namespace

TEST_CASE("A new bucket is its owner's alone", "[pipeline][access]") {
    World world;
    CHECK(world.asked("GET", "/private") == kOwnerOnly);
    CHECK(world.asked("GET", "") == kOwnerOnly);
    CHECK(world.asked("PUT", "/new") == kOwnerOnly);
    CHECK(world.asked("GET", "?acl") == kOwnerOnly);
    for (const Who who : {Who::Other, Who::Nobody}) {
        CHECK(contains(
            world.send(who, "GET", "/private").body,
            "<Code>AccessDenied</Code><Message>Access Denied</Message><RequestId>"
        ));
    }
}

TEST_CASE("A bucket's ACL opens the bucket, not its objects", "[pipeline][access]") {
    World world;
    world.own("ObjectWriter");
    world.block("");
    REQUIRE(world.put("?acl", "", Header{{"x-amz-acl", "public-read"}}).status == 200);
    // A user needs the leave of their own account too.
    CHECK(world.asked("GET", "") == Statuses{200, 200, 403, 200});
    CHECK(world.asked("GET", "/private") == kOwnerOnly);
    CHECK(world.asked("GET", "/missing") == Statuses{404, 404, 403, 404});
    CHECK(world.asked("PUT", "/new") == kOwnerOnly);
    REQUIRE(world.put("?acl", "", Header{{"x-amz-acl", "public-read-write"}}).status == 200);
    CHECK(world.asked("PUT", "/new") == Statuses{200, 200, 403, 200});
    CHECK(world.send(Who::Other, "DELETE", "/private").status == 403);
    CHECK(world.asked("GET", "/missing") == Statuses{404, 404, 403, 404});
    REQUIRE(world.put("?acl", "", Header{{"x-amz-acl", "authenticated-read"}}).status == 200);
    CHECK(world.asked("GET", "") == Statuses{200, 200, 403, 403});
    const std::string id = store::derive_account(kOther).canonical_id;
    REQUIRE(world.put("?acl", "", Header{{"x-amz-grant-read-acp", "id=" + id}}).status == 200);
    CHECK(world.asked("GET", "?acl") == Statuses{200, 200, 403, 403});
    CHECK(world.asked("GET", "") == kOwnerOnly);
}

TEST_CASE("An object's ACL opens the object", "[pipeline][access]") {
    World world;
    world.own("ObjectWriter");
    world.block("");
    REQUIRE(world.put("/open", "x", Header{{"x-amz-acl", "public-read"}}).status == 200);
    REQUIRE(world.put("/known", "x", Header{{"x-amz-acl", "authenticated-read"}}).status == 200);
    CHECK(world.asked("GET", "/open") == Statuses{200, 200, 403, 200});
    CHECK(world.asked("HEAD", "/open") == Statuses{200, 200, 403, 200});
    CHECK(world.asked("GET", "/known") == Statuses{200, 200, 403, 403});
    CHECK(world.asked("GET", "") == kOwnerOnly);
    CHECK(world.asked("GET", "/missing") == Statuses{404, 403, 403, 403});

    SECTION("unless public lists are ignored") {
        world.block("IgnorePublicAcls");
        CHECK(world.asked("GET", "/open") == kOwnerOnly);
    }
    SECTION("unless ACLs are turned off") {
        world.own("BucketOwnerEnforced");
        CHECK(world.asked("GET", "/open") == kOwnerOnly);
    }
    SECTION("and a Deny of the bucket's policy closes it") {
        world.set_policy(R"({"Effect":"Deny","Principal":"*","Action":"s3:GetObject",)"
                         R"("Resource":"arn:aws:s3:::shared/open"})");
        CHECK(world.asked("GET", "/open") == Statuses{403, 403, 403, 403});
    }
    SECTION("and no new public list is taken while they are blocked") {
        world.block("BlockPublicAcls");
        const auto refused = world.put("/more", "x", Header{{"x-amz-acl", "public-read"}});
        CHECK(refused.status == 403);
        CHECK(contains(
            refused.body,
            "is not authorized to perform: s3:PutObject on resource: "
            "&quot;arn:aws:s3:::shared/more&quot; because public ACLs are prevented by the "
            "BlockPublicAcls setting in S3 Block Public Access."
        ));
        CHECK_FALSE(world.lab().has_object("shared", "more"));
        CHECK(world.asked("GET", "/open") == Statuses{200, 200, 403, 200});
    }
}

TEST_CASE("Who wrote an object owns it, where the bucket says so", "[pipeline][access]") {
    World world;
    world.own("ObjectWriter");
    world.block("");
    REQUIRE(world.put("?acl", "", Header{{"x-amz-acl", "public-read-write"}}).status == 200);
    REQUIRE(world.send(Who::Other, "PUT", "/theirs").status == 200);
    CHECK(world.asked("GET", "/theirs") == Statuses{403, 200, 403, 403});
    world.set_policy(allow_everyone("s3:GetObject", "/*"));
    CHECK(world.asked("GET", "/private") == Statuses{200, 200, 403, 200});
    CHECK(contains(
        world.send(Who::Owner, "GET", "?list-type=2&fetch-owner=true&prefix=theirs").body,
        "<Owner><ID>" + store::derive_account(kOther).canonical_id + "</ID></Owner>"
    ));
    // The bucket's policy cannot give away another account's object.
    CHECK(world.asked("GET", "/theirs") == Statuses{403, 200, 403, 403});
    const Header full{{"x-amz-acl", "bucket-owner-full-control"}};
    REQUIRE(world.send(Who::Other, "PUT", "/shared", full).status == 200);
    CHECK(world.asked("GET", "/shared") == Statuses{200, 200, 403, 403});

    SECTION("who began an upload may list its parts and abort it") {
        const std::string body = world.send(Who::Other, "POST", "/big?uploads").body;
        const auto from = body.find("<UploadId>") + 10;
        const std::string upload =
            "/big?uploadId=" + body.substr(from, body.find("</UploadId>") - from);
        CHECK(world.asked("GET", upload) == Statuses{200, 200, 403, 403});
        CHECK(world.send(Who::Nobody, "DELETE", upload).status == 403);
        CHECK(world.send(Who::Other, "DELETE", upload).status == 204);
    }
    SECTION("tags are the bucket owner's to decide on") {
        CHECK(world.asked("GET", "/theirs?tagging") == Statuses{200, 403, 403, 403});
        world.set_policy(allow_everyone("s3:GetObjectTagging", "/*"));
        CHECK(world.asked("GET", "/theirs?tagging") == Statuses{200, 200, 403, 200});
    }
    SECTION("the preferred owner is the bucket's, when the writer agrees") {
        world.own("BucketOwnerPreferred");
        REQUIRE(world.send(Who::Other, "PUT", "/given", full).status == 200);
        REQUIRE(world.send(Who::Other, "PUT", "/kept").status == 200);
        CHECK(world.asked("GET", "/given") == Statuses{200, 200, 403, 200});
        CHECK(world.asked("GET", "/kept") == Statuses{403, 200, 403, 403});
    }
    SECTION("the owner of the bucket may delete everything, a writer what is theirs") {
        CHECK(world.send(Who::Nobody, "DELETE", "/theirs").status == 403);
        CHECK(world.send(Who::Other, "DELETE", "/theirs").status == 204);
        CHECK(world.send(Who::Owner, "DELETE", "/shared").status == 204);
    }
    SECTION("once ACLs are off, everything is the bucket owner's") {
        REQUIRE(world.put("?acl", "", Header{{"x-amz-acl", "private"}}).status == 200);
        world.own("BucketOwnerEnforced");
        CHECK(world.asked("GET", "/theirs") == Statuses{200, 200, 403, 200});
    }
}

TEST_CASE("A bucket without ACLs takes what changes nothing", "[pipeline][access]") {
    World world;
    world.block("");
    const std::string owner = store::derive_account(kOwner).canonical_id;
    const Header is_private{{"x-amz-acl", "private"}};
    const Header full{{"x-amz-acl", "bucket-owner-full-control"}};
    const Header grant{{"x-amz-grant-full-control", "id=" + owner}};
    world.set_policy(
        R"({"Effect":"Allow","Principal":"*","Action":["s3:PutObject","s3:PutObjectAcl"],)"
        R"("Resource":"arn:aws:s3:::shared/*"})"
    );
    CHECK(world.send(Who::Owner, "PUT", "/new", is_private).status == 200);
    for (const std::string_view other : {"bucket-owner-read", "aws-exec-read"}) {
        CHECK(
            world.send(
                     Who::Owner, "PUT", "/new", Header{{"x-amz-acl", std::string(other)}}
            ).status == 400
        );
    }
    CHECK(world.send(Who::Other, "PUT", "/new", full).status == 200);
    CHECK(world.send(Who::Other, "PUT", "/new", grant).status == 200);
    const auto refused = world.send(Who::Other, "PUT", "/new", is_private);
    CHECK(refused.status == 400);
    CHECK(contains(refused.body, "<Code>AccessControlListNotSupported</Code>"));
    // Full control for the owner needs no right of its own.
    world.set_policy(allow_everyone("s3:PutObject", "/*"));
    CHECK(world.send(Who::Other, "PUT", "/new", grant).status == 200);
    CHECK(world.send(Who::Other, "PUT", "/new", is_private).status == 403);
}

TEST_CASE("Block Public Access and public policies", "[pipeline][access]") {
    World world;
    const std::string open = allow_everyone("s3:GetObject", "/*");
    const auto refused = world.put("?policy", R"({"Statement":[)" + open + "]}");
    CHECK(refused.status == 403);
    CHECK(contains(refused.body, "because public policies are prevented by the BlockPublicPolicy"));
    world.block("");
    world.set_policy(open);
    CHECK(world.asked("GET", "/private") == Statuses{200, 200, 403, 200});
    // Restricting keeps everyone out but the bucket's account, whatever else the policy grants.
    world.block("RestrictPublicBuckets");
    CHECK(world.asked("GET", "/private") == kOwnerOnly);
    world.set_policy(
        R"({"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"s3:GetObject",)"
        R"("Resource":"arn:aws:s3:::shared/*"})"
    );
    CHECK(world.asked("GET", "/private") == Statuses{200, 200, 403, 403});
}

TEST_CASE("A bucket policy's conditions", "[pipeline][access]") {
    World world;
    world.block("");
    const auto allow_if =
        [](std::string_view action, std::string_view resource, std::string_view condition) {
            std::string statement = allow_everyone(action, resource);
            statement.pop_back();
            return statement + R"(,"Condition":)" + std::string(condition) + "}";
        };
    world.set_policy(allow_if("s3:ListBucket", "", R"({"StringLike":{"s3:prefix":"pub/*"}})"));
    CHECK(world.asked("GET", "?prefix=pub%2Fx") == Statuses{200, 200, 403, 200});
    CHECK(world.asked("GET", "?prefix=other") == kOwnerOnly);
    // Who may list a key may learn that it is not there.
    CHECK(world.asked("HEAD", "/pub/x") == Statuses{404, 404, 403, 404});
    CHECK(world.asked("HEAD", "/other") == Statuses{404, 403, 403, 403});
    CHECK(world.asked("HEAD", "/private") == kOwnerOnly);
    world.set_policy(
        allow_if("s3:GetObject", "/*", R"({"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}})")
    );
    CHECK(world.asked("GET", "/private") == kOwnerOnly);
    world.set_policy(
        allow_if("s3:GetObject", "/*", R"({"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}})")
    );
    CHECK(world.asked("GET", "/private") == Statuses{200, 200, 403, 200});
    world.set_policy(
        allow_if("s3:GetObject", "/*", R"({"StringEquals":{"s3:ExistingObjectTag/public":"yes"}})")
    );
    REQUIRE(world.put("/tagged", "x", Header{{"x-amz-tagging", "public=yes"}}).status == 200);
    CHECK(world.asked("GET", "/tagged") == Statuses{200, 200, 403, 200});
    CHECK(world.asked("GET", "/private") == kOwnerOnly);
    world.set_policy(
        allow_if("s3:PutObject", "/*", R"({"StringEquals":{"s3:RequestObjectTag/team":"a"}})")
    );
    CHECK(world.asked("PUT", "/up", Header{{"x-amz-tagging", "team=b"}}) == kOwnerOnly);
}

TEST_CASE("Requesters say that they pay, where the bucket has them pay", "[pipeline][access]") {
    World world;
    world.block("");
    world.set_policy(allow_everyone("s3:GetObject", "/*"));
    CHECK(world.asked("GET", "/private") == Statuses{200, 200, 403, 200});
    const std::string pays = "<RequestPaymentConfiguration><Payer>Requester</Payer>"
                             "</RequestPaymentConfiguration>";
    REQUIRE(world.put("?requestPayment", pays).status == 200);
    CHECK(world.asked("GET", "/private") == kOwnerOnly);
    const Header says{{"x-amz-request-payer", "requester"}};
    CHECK(world.asked("GET", "/private", says) == Statuses{200, 200, 403, 403});
    const auto charged = world.send(Who::Other, "GET", "/private", says);
    CHECK(charged.headers.get("x-amz-request-charged") == "requester");
    CHECK_FALSE(world.send(Who::Owner, "GET", "/private").headers.has("x-amz-request-charged"));
}
