// Multipart uploads on the bench of object operations.
#pragma once

#include "emulator/core/encoding.hpp"
#include "tests/unit/s3/object_fixture.hpp"

#include <string>
#include <utility>
#include <vector>

namespace benchtop::s3::test {

inline const std::string& five_mib() {
    static const std::string bytes(5 * 1024 * 1024, 'a');
    return bytes;
}

// Text of the first element of that name; "" when there is none.
inline std::string element_of(std::string_view document, const std::string& name) {
    const auto open = document.find("<" + name + ">");
    if (open == std::string_view::npos) {
        return {};
    }
    const auto from = open + name.size() + 2;
    return std::string(document.substr(from, document.find("</" + name + ">") - from));
}

// (number, ETag[, element with a checksum])
struct Listed {
    int number;
    std::string etag;
    std::string more = {};
};

inline std::string complete_document(const std::vector<Listed>& parts) {
    std::string document =
        "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
    for (const auto& [number, etag, more] : parts) {
        document += "<Part><ETag>" + etag + "</ETag>" + more + "<PartNumber>" +
                    std::to_string(number) + "</PartNumber></Part>";
    }
    return document + "</CompleteMultipartUpload>";
}

class MultipartBench : public ObjectBench {
public:
    std::string begin(const std::string& key, const HeaderList& headers = {}) {
        const Answer answer = send("POST", "/lab/" + key + "?uploads", headers);
        REQUIRE(answer.status == 200);
        return element_of(answer.body, "UploadId");
    }

    Answer part(
        const std::string& key,
        const std::string& upload,
        int number,
        std::string_view bytes,
        const HeaderList& headers = {}
    ) {
        return send("PUT", part_target(key, upload, std::to_string(number)), headers, bytes);
    }

    // The part's ETag, without quotes.
    std::string put_part(
        const std::string& key, const std::string& upload, int number, std::string_view bytes
    ) {
        const Answer answer = part(key, upload, number, bytes);
        REQUIRE(answer.status == 200);
        const std::string etag(answer.header_map.get("etag"));
        return etag.substr(1, etag.size() - 2);
    }

    Answer complete(
        const std::string& key,
        const std::string& upload,
        const std::vector<Listed>& parts,
        const HeaderList& headers = {}
    ) {
        return send(
            "POST", "/lab/" + key + "?uploadId=" + upload, headers, complete_document(parts)
        );
    }

    // A whole upload of these parts, numbered from 1.
    Answer upload(
        const std::string& key,
        const std::vector<std::string>& parts,
        const HeaderList& headers = {}
    ) {
        const std::string id = begin(key, headers);
        std::vector<Listed> listed;
        for (const std::string& bytes : parts) {
            const int number = static_cast<int>(listed.size()) + 1;
            listed.push_back({number, put_part(key, id, number, bytes)});
        }
        return complete(key, id, listed);
    }

    void set_versioning(const std::string& state) {
        write([&](store::WriteTx& tx) {
            tx.set_bucket_setting(tx.find_bucket("lab")->id, "versioning", state);
            return true;
        });
    }

    static std::string
    part_target(const std::string& key, const std::string& upload, const std::string& number) {
        return "/lab/" + key + "?partNumber=" + number + "&uploadId=" + upload;
    }
};

} // namespace benchtop::s3::test
