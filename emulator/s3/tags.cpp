#include "emulator/s3/tags.hpp"

#include "emulator/core/encoding.hpp"
#include "emulator/protocol/xml_reader.hpp"
#include "emulator/protocol/xml_writer.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/xml_answer.hpp"

#include <algorithm>

namespace benchtop::s3 {
namespace {

constexpr std::size_t kKeyCharactersMax = 128;
constexpr std::size_t kValueCharactersMax = 256;

std::size_t characters(std::string_view utf8) {
    return static_cast<std::size_t>(std::ranges::count_if(utf8, [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    }));
}

// Letters, digits, spaces and + - = . _ : / @; anything beyond ASCII counts as a letter.
bool is_tag_text(std::string_view text) {
    constexpr std::string_view kPunctuation = " +-=._:/@";
    return is_valid_utf8(text) && std::ranges::all_of(text, [&](char c) {
               const auto byte = static_cast<unsigned char>(c);
               return byte >= 0x80 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                      (c >= '0' && c <= '9') || kPunctuation.find(c) != std::string_view::npos;
           });
}

AwsError invalid_tag(std::string_view message, std::string_view key) {
    return s3_error(400, "InvalidTag", message).with("TagKey", key);
}

AwsError system_tag(std::string_view key, TagsOf of) {
    switch (of) {
    case TagsOf::Object:
        return invalid_tag("Your TagKey cannot be prefixed with aws:", key);
    case TagsOf::Bucket:
        return invalid_tag("System tags cannot be added/updated by requester", key);
    case TagsOf::NewBucket:
        break;
    }
    return s3_error(
        400,
        "InvalidTag",
        "User-defined tag keys can't start with \"aws:\". This prefix is reserved for system tags. "
        "Remove \"aws:\" from your tag keys and try again."
    );
}

AwsError bad_tagging(std::string_view value) {
    return invalid_argument(
        "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters "
        "without tag name duplicates.",
        "x-amz-tagging",
        value
    );
}

bool has_key(const Tags& tags, std::string_view key) {
    return std::ranges::find(tags, key, &Tags::value_type::first) != tags.end();
}

Result<std::pair<std::string, std::string>> parse_tag(pugi::xml_node node) {
    auto key = protocol::child_text(node, "Key");
    auto value = protocol::child_text(node, "Value");
    if (protocol::local_name(node) != "Tag" || !key || key->empty() || !value) {
        return malformed_xml();
    }
    return std::pair{*std::move(key), *std::move(value)};
}

} // namespace

Result<void> check_tag(std::string_view key, std::string_view value, TagsOf of) {
    if (key.starts_with("aws:")) {
        return system_tag(key, of);
    }
    if (characters(key) > kKeyCharactersMax || !is_tag_text(key)) {
        return invalid_tag("The TagKey you have provided is invalid", key);
    }
    if (characters(value) > kValueCharactersMax || !is_tag_text(value)) {
        return invalid_tag("The TagValue you have provided is invalid", key)
            .with("TagValue", value);
    }
    return {};
}

AwsError too_many_tags(TagsOf of) {
    return s3_error(
        400,
        "BadRequest",
        of == TagsOf::Object ? "Object tags cannot be greater than 10"
                             : "Bucket tag count cannot be greater than 50"
    );
}

Result<Tags> decode_tagging_header(std::string_view value) {
    Tags tags;
    std::string_view rest = value;
    while (!rest.empty()) {
        const auto ampersand = rest.find('&');
        const std::string_view pair = rest.substr(0, ampersand);
        rest =
            ampersand == std::string_view::npos ? std::string_view{} : rest.substr(ampersand + 1);
        const auto equals = pair.find('=');
        const std::string_view raw_value =
            equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1);
        auto key = percent_decode(pair.substr(0, equals), PlusRule::Space);
        auto text = percent_decode(raw_value, PlusRule::Space);
        if (!key || !text || key->empty() || !is_valid_utf8(*key) || !is_valid_utf8(*text) ||
            raw_value.find('=') != std::string_view::npos || has_key(tags, *key)) {
            return bad_tagging(value);
        }
        if (tags.size() == kObjectTagsMax) {
            return too_many_tags(TagsOf::Object);
        }
        if (auto ok = check_tag(*key, *text, TagsOf::Object); !ok) {
            return ok.error();
        }
        tags.emplace_back(*std::move(key), *std::move(text));
    }
    std::ranges::sort(tags); // a query has no order
    return tags;
}

Result<Tags> parse_tag_set(pugi::xml_node set, TagsOf of) {
    Tags tags;
    const auto nodes = protocol::children(set);
    for (const pugi::xml_node node : nodes) {
        auto tag = parse_tag(node);
        if (!tag) {
            return tag.error();
        }
        tags.push_back(*std::move(tag));
    }
    if (tags.size() > (of == TagsOf::Object ? kObjectTagsMax : kBucketTagsMax)) {
        return too_many_tags(of);
    }
    for (auto tag = tags.begin(); tag != tags.end(); ++tag) {
        if (has_key({tags.begin(), tag}, tag->first)) {
            return invalid_tag("Cannot provide multiple Tags with the same key", tag->first);
        }
        if (auto ok = check_tag(tag->first, tag->second, of); !ok) {
            return ok.error();
        }
    }
    return tags;
}

Result<Tags> parse_tagging_document(std::string_view xml, TagsOf of) {
    const auto parsed = protocol::parse_xml(xml);
    if (!parsed || protocol::local_name(parsed->root()) != "Tagging") {
        return malformed_xml();
    }
    const auto sets = protocol::children(parsed->root());
    if (sets.size() > 1 || (sets.size() == 1 && protocol::local_name(sets[0]) != "TagSet")) {
        return malformed_xml();
    }
    return parse_tag_set(protocol::child(parsed->root(), "TagSet"), of);
}

std::string tagging_document(const Tags& tags) {
    protocol::XmlWriter xml;
    xml.open("Tagging", kXmlNamespace);
    if (tags.empty()) {
        xml.empty("TagSet");
    } else {
        xml.open("TagSet");
        for (const auto& [key, value] : tags) {
            xml.open("Tag");
            xml.element("Key", key);
            xml.element("Value", value);
            xml.close();
        }
        xml.close();
    }
    xml.close();
    return std::move(xml).take();
}

} // namespace benchtop::s3
