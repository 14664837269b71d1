// A bench whose bucket "lab" has versioning, and short ways of saying what a version test says.
#pragma once

#include "emulator/core/digest.hpp"
#include "emulator/core/encoding.hpp"
#include "tests/unit/s3/object_fixture.hpp"

namespace benchtop::s3::test {

class VersionBench : public ObjectBench {
public:
    VersionBench() { versioning("Enabled"); }

    void versioning(const std::string& status) {
        const auto answer = document(
            "PUT",
            "/lab?versioning",
            "<VersioningConfiguration><Status>" + status + "</Status></VersioningConfiguration>"
        );
        REQUIRE(answer.status == 200);
    }

    // With the Content-MD5 of the body.
    Answer document(
        const std::string& method,
        const std::string& target,
        const std::string& body,
        HeaderList headers = {}
    ) {
        headers.emplace_back("Content-MD5", to_base64(md5(body)));
        return send(method, target, headers, body);
    }

    // The new version's id as the answer gives it.
    std::string put(const std::string& key, std::string_view body = "abcdef") {
        const auto answer = send("PUT", "/lab/" + key, {}, body);
        REQUIRE(answer.status == 200);
        return std::string(answer.header_map.get("x-amz-version-id"));
    }

    // The marker's id.
    std::string remove(const std::string& key) {
        const auto answer = send("DELETE", "/lab/" + key);
        REQUIRE(answer.status == 204);
        return std::string(answer.header_map.get("x-amz-version-id"));
    }

    // "*v2 m1 v1" newest first, "*" at the latest, with the names a test gives to ids.
    std::string versions(const std::vector<std::pair<std::string, std::string>>& names) {
        std::string text;
        memory->read([&](const store::ReadTx& tx) {
            const auto visit = [&](const store::Object& version, bool latest) {
                std::string name = version.version_id.empty() ? "null" : version.version_id;
                for (const auto& [id, given] : names) {
                    name = name == id ? given : name;
                }
                text += (text.empty() ? "" : " ") + std::string(latest ? "*" : "") + name;
                return store::ScanStep::next();
            };
            tx.scan_versions(tx.find_bucket("lab")->id, "", "", visit);
        });
        return text;
    }
};

// The text between <name> and </name>, of all such elements, one after the other: "a;b;".
inline std::string elements(std::string_view xml, const std::string& name) {
    std::string found;
    const std::string open = "<" + name + ">";
    for (auto at = xml.find(open); at != std::string_view::npos; at = xml.find(open, at + 1)) {
        const auto begin = at + open.size();
        found += xml.substr(begin, xml.find("</" + name + ">", begin) - begin);
        found += ';';
    }
    return found;
}

} // namespace benchtop::s3::test
