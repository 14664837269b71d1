// Signatures that were made for something else than what is sent.
#include "emulator/core/assert.hpp"
#include "emulator/core/digest.hpp"
#include "emulator/core/encoding.hpp"
#include "handlers/aws/sigv4.hpp"
#include "harness/mistakes/stories.hpp"

namespace benchtop::harness::mistakes {
namespace {

constexpr std::string_view kHost = kEndpoint.substr(kEndpoint.find("://") + 3);

std::string object_path(std::string_view key) {
    return '/' + std::string(stack::kLabBucket) + '/' + std::string(key);
}

// As boto3 does when its client was made for `region`.
std::string
presign_v4(Lab& lab, const ClientCredentials& who, std::string_view key, std::string_view region) {
    const std::string amz_date = to_amz_date(lab.now());
    const std::string path = object_path(key);
    return std::string(kEndpoint) + path + '?' +
           handlers::aws::presigned_query(
               "PUT",
               path,
               {{"host", std::string(kHost)}},
               300,
               {amz_date, region},
               {who.access_key_id, who.secret, who.session_token}
           );
}

// As boto3 does where the handout's "Region: yours" is one that still takes Signature Version 2.
std::string presign_v2(Lab& lab, const ClientCredentials& who, std::string_view key) {
    const std::string expires = std::to_string(to_epoch_seconds(lab.now()) + 300);
    const std::string path = object_path(key);
    std::string to_sign = "PUT\n\n\n" + expires + '\n';
    if (!who.session_token.empty()) {
        to_sign += "x-amz-security-token:" + who.session_token + '\n';
    }
    to_sign += path;
    const Sha1Digest digest = hmac_sha1(as_bytes(who.secret), to_sign);
    std::string url = std::string(kEndpoint) + path + "?AWSAccessKeyId=" + who.access_key_id +
                      "&Signature=" + percent_encode(to_base64(digest), SlashRule::Encode);
    if (!who.session_token.empty()) {
        url += "&x-amz-security-token=" + percent_encode(who.session_token, SlashRule::Encode);
    }
    return url + "&Expires=" + expires;
}

} // namespace

Story content_type_signed() {
    LabOptions options;
    function_of(options.stack, stack::kWebFunction)
        .environment.emplace_back("SIGN_CONTENT_TYPE", "text/plain");
    Bench bench(options);
    const Presigned made = bench.presign();
    bench.curl("curl adds a Content-Type of its own.", upload(made.upload_url));
    Curl none = upload(made.upload_url);
    none.headers = {{"Content-Type", ""}};
    bench.curl("Told to leave it away, it sends none, which is not text/plain either.", none);
    Curl right = upload(made.upload_url);
    right.headers = {{"Content-Type", "text/plain"}};
    bench.curl("Only the very type that was signed is taken.", right);
    bench.lab().write([](store::WriteTx& tx) {
        auto web = tx.find_function(stack::kLabAccount, stack::kLabRegion, stack::kWebFunction);
        BT_ASSERT(web.has_value());
        web->environment.pop_back();
        tx.put_function(*web);
    });
    bench.say("The function is changed back to the handout's version, which signs no type.");
    Curl any = upload(bench.presign().upload_url);
    any.headers = {{"Content-Type", "image/png"}};
    bench.curl("Now any type is taken.", any);
    return bench.finish(
        "content-type-signed",
        "The web function presigns with a ContentType (here SIGN_CONTENT_TYPE=text/plain; in boto3 "
        "Params={..., \"ContentType\": \"text/plain\"}).",
        "X-Amz-SignedHeaders=content-type;host: the Content-Type is part of the signature, so "
        "client and server must agree on it. The handout's version does not sign it, and then any "
        "type is taken.",
        "Send -H 'Content-Type: text/plain', or presign without ContentType."
    );
}

Story wrong_region() {
    Bench bench;
    ClientRequest put;
    put.method = "PUT";
    put.url = object_url("uploads/file.txt");
    put.body = kBody;
    bench.aws(
        "The CLI is configured for us-east-1.",
        "aws s3api put-object --bucket student-upload-bucket-aj --key uploads/file.txt --body "
        "file.txt --region us-east-1",
        put,
        Lab::administrator(),
        "us-east-1"
    );
    const Presigned made = bench.presign();
    const auto who = credentials_behind(bench.lab(), made.upload_url);
    bench.curl(
        "A URL presigned by a client made for us-east-1 gets the same said in other words.",
        upload(presign_v4(bench.lab(), who, made.s3_key, "us-east-1"))
    );
    return bench.finish(
        "wrong-region",
        "The lab as in the handout: the bucket is in us-east-2.",
        "The region is part of what is signed (Credential=KEY/DATE/REGION/s3/aws4_request); the "
        "bucket's region checks it before the signature.",
        "Use the bucket's region: --region us-east-2, or boto3.client(\"s3\", "
        "region_name=\"us-east-2\")."
    );
}

Story sigv2() {
    stack::LabNames names;
    names.region = "us-east-1";
    LabOptions options;
    options.stack = stack::lab_stack(names);
    Bench bench(options);
    const Presigned east = bench.presign();
    const std::string url =
        presign_v2(bench.lab(), credentials_behind(bench.lab(), east.upload_url), east.s3_key);
    bench.curl(
        "In us-east-1 boto3's default client makes URLs of another form, AWSAccessKeyId=...&"
        "Signature=...; curl --data-binary adds a Content-Type to it.",
        upload(url)
    );
    Curl bare = upload(url);
    bare.headers = {{"Content-Type", ""}};
    bench.curl("The same URL without a Content-Type works.", bare);
    return bench.finish(
        "sigv2-content-type",
        "The lab in us-east-1, where boto3 still presigns with Signature Version 2 (\"Region: "
        "yours\", says the handout).",
        "Signature Version 2 always covers the Content-Type, sent or not; Version 4 covers it only "
        "when it is named in X-Amz-SignedHeaders.",
        "curl -H 'Content-Type:' ..., or better Config(signature_version=\"s3v4\") in the function."
    );
}

Story sigv2_in_v4_region() {
    Bench bench;
    const Presigned made = bench.presign();
    bench.curl(
        "A URL of Signature Version 2 for a bucket in us-east-2.",
        upload(
            presign_v2(bench.lab(), credentials_behind(bench.lab(), made.upload_url), made.s3_key)
        )
    );
    return bench.finish(
        "sigv2-in-v4-region",
        "The lab as in the handout, in us-east-2; the client that presigns was made for us-east-1 "
        "or with signature_version=\"s3\".",
        "Regions opened after January 2014 know Signature Version 4 only.",
        "boto3.client(\"s3\", region_name=\"us-east-2\", config=Config(signature_version=\"s3v4\"))"
    );
}

} // namespace benchtop::harness::mistakes
