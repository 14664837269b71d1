// Upload URLs that were changed on their way from the answer to curl.
#include "emulator/core/assert.hpp"
#include "emulator/core/encoding.hpp"
#include "harness/mistakes/stories.hpp"

namespace benchtop::harness::mistakes {

Story json_behind_url() {
    Bench bench;
    const Presigned made = bench.presign();
    Curl call = upload(made.upload_url + R"(","s3Key":")" + made.s3_key + '"');
    call.shown_url = '\'' + call.url + '\'';
    bench.curl("The student copies from the first quote to the end of the line.", call);
    return bench.finish(
        "json-behind-url",
        "The lab as in the handout.",
        "What stands behind the URL in the JSON answer becomes part of the last parameter, the "
        "signature, which then matches nothing.",
        "Take the value out with a tool: python3 -c 'import json; "
        "print(json.load(open(\"/tmp/presign.json\"))[\"uploadUrl\"])'"
    );
}

Story url_not_quoted() {
    Bench bench;
    const Presigned made = bench.presign();
    Curl call = upload(made.upload_url.substr(0, made.upload_url.find('&')));
    call.shown_url = made.upload_url;
    bench.curl("The URL is pasted without quotes.", call);
    return bench.finish(
        "url-not-quoted",
        "The lab as in the handout.",
        "For a shell an & ends the command and sends it to the background: curl gets the URL up to "
        "the first one, with one parameter of the six.",
        "Quotes: curl -X PUT \"$UPLOAD_URL\" --data-binary ..."
    );
}

Story url_decoded() {
    Bench bench;
    Presigned made = bench.presign();
    // Only a token that holds a plus suffers; nearly every one does.
    for (int i = 0; i < 20 && made.upload_url.find("%2B") == std::string::npos; ++i) {
        bench.wait("An hour passes.", std::chrono::hours{1});
        made = bench.presign();
    }
    const auto name = made.upload_url.find("X-Amz-Security-Token=");
    BT_ASSERT(name != std::string::npos);
    const auto begin = made.upload_url.find('=', name) + 1;
    const auto end = made.upload_url.find('&', begin);
    const auto token =
        percent_decode(made.upload_url.substr(begin, end - begin), PlusRule::Literal);
    BT_ASSERT(token.has_value());
    std::string damaged = made.upload_url;
    damaged.replace(begin, end - begin, *token);
    bench.curl("A chat program \"cleans up\" the URL on its way.", upload(damaged));
    return bench.finish(
        "url-decoded",
        "The lab as in the handout.",
        "The session token is base64 and holds plus signs, written %2B. Decoded, a + in a query "
        "means a space: another token, another signature.",
        "Use uploadUrl exactly as it came; a mail or chat program may change it."
    );
}

Story unsigned_header() {
    Bench bench;
    const Presigned made = bench.presign();
    Curl call = upload(made.upload_url);
    call.headers = {{"x-amz-acl", "public-read"}};
    bench.curl("The student wants the file to be public.", call);
    call.headers = {{"x-amz-meta-student", "aj"}};
    bench.curl("Or wants to leave a name with it.", call);
    return bench.finish(
        "header-not-signed",
        "The lab as in the handout.",
        "Every x-amz-* header changes what the request does, so it must be covered by the "
        "signature; this URL covers the host only.",
        "Leave the header away, or name it when the URL is presigned (Params={..., \"Metadata\": "
        "...}) and send exactly that."
    );
}

Story get_on_upload_url() {
    Bench bench;
    const Presigned made = bench.presign();
    Curl call;
    call.url = made.upload_url;
    bench.curl("The upload URL is opened in a browser.", call);
    return bench.finish(
        "method-not-signed",
        "The lab as in the handout.",
        "The method is the first line of what is signed: a URL made for PUT is good for nothing "
        "else.",
        "curl -X PUT \"$UPLOAD_URL\" --data-binary ..."
    );
}

} // namespace benchtop::harness::mistakes
