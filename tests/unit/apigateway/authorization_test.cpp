// Who may reach a route: JWT authorizers and their issuers, IAM.
#include "tests/unit/apigateway/control_lab.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <chrono>
#include <memory>

using namespace benchtop;
using namespace benchtop::apigateway;

namespace {

std::string base64url(std::string_view text) {
    std::string out = to_base64(as_bytes(text));
    for (char& c : out) {
        c = c == '+' ? '-' : c == '/' ? '_' : c;
    }
    while (out.ends_with('=')) {
        out.pop_back();
    }
    return out;
}

// An issuer with a key of its own, which publishes below a prefix of a public bucket.
class Issuer {
public:
    explicit Issuer(harness::Lab& lab, std::string key_id = "k1")
        : lab_(lab)
        , key_id_(std::move(key_id))
        , key_(EVP_RSA_gen(2048), EVP_PKEY_free) {
        lab_.send_signed({"PUT", at("issuer-of-tokens", ""), {}, location}, lab.administrator());
        lab_.send_signed(
            {"DELETE", at("issuer-of-tokens", "?publicAccessBlock"), {}, ""}, lab.administrator()
        );
        lab_.send_signed(
            {"PUT",
             at("issuer-of-tokens", "?policy"),
             {},
             R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",)"
             R"("Action":"s3:GetObject","Resource":"arn:aws:s3:::issuer-of-tokens/*"}]})"},
            lab.administrator()
        );
    }

    void publish() const {
        put(".well-known/openid-configuration",
            json::serialize(json::object{{"jwks_uri", url() + "/keys.json"}}));
        BIGNUM* n = nullptr;
        REQUIRE(EVP_PKEY_get_bn_param(key_.get(), OSSL_PKEY_PARAM_RSA_N, &n) == 1);
        std::string modulus(static_cast<std::size_t>(BN_num_bytes(n)), '\0');
        BN_bn2bin(n, reinterpret_cast<unsigned char*>(modulus.data()));
        BN_free(n);
        put("keys.json",
            json::serialize(json::object{
                {"keys",
                 json::array{
                     {{"kty", "RSA"}, {"kid", key_id_}, {"n", base64url(modulus)}, {"e", "AQAB"}}}}}
            ));
    }

    void put(const std::string& key, const std::string& body) const {
        const auto answer = lab_.send_signed(
            {"PUT", at("issuer-of-tokens", key), {}, body}, harness::Lab::administrator()
        );
        REQUIRE(answer.status == 200);
    }

    static std::string url() { return "https://issuer-of-tokens.s3.us-east-2.amazonaws.com"; }

    std::string token(microseconds lifetime = std::chrono::hours{5}) const {
        const auto now = to_epoch_seconds(lab_.now());
        const std::string part =
            base64url(json::serialize(json::object{{"alg", "RS256"}, {"kid", key_id_}})) + "." +
            base64url(json::serialize(json::object{
                {"iss", url()},
                {"aud", "lab"},
                {"iat", now},
                {"exp", now + std::chrono::duration_cast<seconds>(lifetime).count()}}));
        const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(
            EVP_MD_CTX_new(), EVP_MD_CTX_free
        );
        std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())), '\0');
        std::size_t size = signature.size();
        REQUIRE(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1);
        REQUIRE(
            EVP_DigestSign(
                context.get(),
                reinterpret_cast<unsigned char*>(signature.data()),
                &size,
                reinterpret_cast<const unsigned char*>(part.data()),
                part.size()
            ) == 1
        );
        return part + "." + base64url(signature);
    }

private:
    static constexpr const char* location =
        "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
        "<LocationConstraint>us-east-2</LocationConstraint></CreateBucketConfiguration>";

    static std::string at(const std::string& bucket, const std::string& key) {
        return std::string(harness::kEndpoint) + "/" + bucket +
               (key.starts_with('?') || key.empty() ? key : "/" + key);
    }

    harness::Lab& lab_;
    std::string key_id_;
    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
};

// An API with one route that takes tokens of `issuer` from ?t=.
std::string guarded_api(ControlLab& control, const std::string& api, const std::string& issuer) {
    const std::string authorizer = ControlLab::text(
        control.ok(
            201,
            "POST",
            "apis/" + api + "/authorizers",
            {{"authorizerType", "JWT"},
             {"name", "tokens"},
             {"identitySource", {"$request.querystring.t"}},
             {"jwtConfiguration", {{"issuer", issuer}, {"audience", {"lab"}}}}}
        ),
        "authorizerId"
    );
    control.make_route(
        api, "GET /guarded", {{"authorizationType", "JWT"}, {"authorizerId", authorizer}}
    );
    control.make_stage(api, "prod");
    control.permit(api);
    return authorizer;
}

} // namespace

TEST_CASE("an issuer that cannot be reached, or that points back, lets nobody in", "[apigateway]") {
    ControlLab control;
    const std::string api = control.make_api();
    const std::string back = "/prod/guarded?t=e30.e30.AAAA&x=";
    const std::string header = base64url(R"({"alg":"RS256","kid":"k"})");
    const auto authorizer = guarded_api(control, api, "https://issuer.example");
    const std::string paths = "/_aws/execute-api/" + api + back;
    for (const std::string& issuer : std::vector<std::string>{
             "https://issuer.example",
             "https://" + api + ".execute-api.s3.amazonaws.com" + back,
             "https://" + api + ".execute-api.us-east-2.amazonaws.com" + back,
             "https://b.s3.us-east-2.amazonaws.com" + paths,
             "https://s3.amazonaws.com" + paths,
             "https://s3.us-east-2.amazonaws.com/no-such-bucket",
             "https://localhost:4566" + paths,
             "https://lambda.us-east-2.amazonaws.com",
             "https://"}) {
        control.ok(
            200,
            "PATCH",
            "apis/" + api + "/authorizers/" + authorizer,
            {{"jwtConfiguration", {{"issuer", issuer}, {"audience", {"lab"}}}}}
        );
        const auto answer =
            control.ask(api, "GET", "/prod/guarded?t=" + header + "." + base64url("{}") + ".AAAA");
        INFO(issuer);
        CHECK(answer.status == 401);
        CHECK(answer.body == R"({"message":"Unauthorized"})");
        CHECK(
            answer.headers.get("www-authenticate").find("OIDC discovery endpoint") !=
            std::string_view::npos
        );
    }
    // Neither where the keys are said to be.
    const Issuer issuer(control.lab);
    control.ok(
        200,
        "PATCH",
        "apis/" + api + "/authorizers/" + authorizer,
        {{"jwtConfiguration", {{"issuer", Issuer::url()}, {"audience", {"lab"}}}}}
    );
    for (const std::string& keys : std::vector<std::string>{
             "https://" + api + ".execute-api.s3.amazonaws.com" + back,
             "https://b.s3.us-east-2.amazonaws.com" + paths}) {
        issuer.put(
            ".well-known/openid-configuration", json::serialize(json::object{{"jwks_uri", keys}})
        );
        CHECK(control.ask(api, "GET", "/prod/guarded?t=" + issuer.token()).status == 401);
    }
}

TEST_CASE("an issuer's keys are kept until a token needs others", "[apigateway]") {
    ControlLab control;
    const Issuer first(control.lab);
    first.publish();
    const std::string api = control.make_api();
    guarded_api(control, api, Issuer::url());
    const auto status = [&](const std::string& token) {
        return control.ask(api, "GET", "/prod/guarded?t=" + token).status;
    };
    CHECK(status(first.token()) == 200);
    // Published no more, and still known: until two hours have passed.
    const Issuer second(control.lab, "k2");
    first.put("keys.json", R"({"keys":[]})");
    CHECK(status(second.token()) == 401);
    first.publish();
    CHECK(status(first.token()) == 200);
    first.put(".well-known/openid-configuration", "{}");
    CHECK(status(first.token()) == 200);
    control.lab.advance(std::chrono::hours{2});
    CHECK(status(first.token()) == 401);
    // A key not seen before is looked for at once.
    first.publish();
    CHECK(status(first.token()) == 200);
    second.publish();
    CHECK(status(second.token()) == 200);
}

TEST_CASE("IAM is asked about the method and path of the request", "[apigateway]") {
    ControlLab control;
    const std::string api = control.make_api();
    for (const char* key : {"$default", "GET /pets/{id}"}) {
        control.make_route(api, key, {{"authorizationType", "AWS_IAM"}});
    }
    control.make_stage(api, "prod");
    control.make_stage(api, "$default");
    control.permit(api);
    const auto iam = [&](const std::string& form) {
        const auto answer = control.lab.call("iam", "POST", "/", form + "&Version=2010-05-08");
        REQUIRE(answer.status == 200);
        return answer.body;
    };
    iam("Action=CreateUser&UserName=caller");
    const std::string made = iam("Action=CreateAccessKey&UserName=caller");
    const auto element = [&](const std::string& name) {
        const auto begin = made.find("<" + name + ">") + name.size() + 2;
        return made.substr(begin, made.find("</" + name + ">") - begin);
    };
    const harness::ClientCredentials caller{element("AccessKeyId"), element("SecretAccessKey"), ""};
    const std::string arn = "arn:aws:execute-api:us-east-2:" + kAccount + ":" + api;
    iam("Action=PutUserPolicy&UserName=caller&PolicyName=p&PolicyDocument=" +
        percent_encode(
            json::serialize(json::object{
                {"Version", "2012-10-17"},
                {"Statement",
                 json::array{
                     {{"Effect", "Allow"},
                      {"Action", "execute-api:Invoke"},
                      {"Resource",
                       {arn + "/prod/PUT/*",
                        arn + "/prod/GET/pets/7",
                        arn + "/$default/GET/pets/8",
                        arn + "/*/POST/"}}},
                     {{"Effect", "Deny"},
                      {"Action", "execute-api:Invoke"},
                      {"Resource", arn + "/prod/PUT/secret"}}}}}),
            SlashRule::Encode
        ));
    const auto status = [&](std::string_view method, const std::string& path) {
        return control.lab
            .call("execute-api", method, "/_aws/execute-api/" + api + path, "", caller)
            .status;
    };
    CHECK(status("PUT", "/prod/any/thing") == 200);
    CHECK(status("PUT", "/prod/secret") == 403);
    CHECK(status("PUT", "/prod/%73ecret") == 403); // the same path
    CHECK(status("GET", "/prod/pets/7") == 200);
    CHECK(status("GET", "/prod/pets/8") == 403);
    CHECK(status("GET", "/pets/8") == 200);
    CHECK(status("GET", "/pets/7") == 403);
    CHECK(status("POST", "/prod") == 200);
    CHECK(status("POST", "/") == 200);
    CHECK(status("DELETE", "/prod/any") == 403);
}
