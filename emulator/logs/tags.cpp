// TagResource, UntagResource, ListTagsForResource, and their elders TagLogGroup, UntagLogGroup,
// ListTagsLogGroup.
#include "emulator/logs/tags.hpp"

#include "emulator/logs/errors.hpp"
#include "emulator/logs/operation_list.hpp"
#include "emulator/logs/request.hpp"
#include "emulator/protocol/json_writer.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace benchtop::logs {
namespace {

using protocol::JsonInput;
using service::Call;
using AccessRequests = Result<std::vector<service::AccessRequest>>;

constexpr std::size_t kKeyMax = 128;
constexpr std::size_t kValueMax = 256;
constexpr std::size_t kArnMax = 1011;

bool is_tag_text(std::string_view text) {
    constexpr std::string_view others = " _.:/=+-@";
    return std::all_of(text.begin(), text.end(), [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               others.find(c) != std::string_view::npos || static_cast<unsigned char>(c) >= 0x80;
    });
}

// Which group a request means: by resourceArn or, the elders, by logGroupName.
struct TagTarget {
    bool by_arn;
    std::string text;
};

Result<TagTarget> target_of(const Call& call) {
    const JsonInput json(call.json);
    const bool by_arn = !json.has("logGroupName");
    auto text = json.string(by_arn ? "resourceArn" : "logGroupName");
    if (!text) {
        return text.error();
    }
    return TagTarget{by_arn, text->value_or("")};
}

GroupId id_of(const Call& call, const TagTarget& target) {
    if (!target.by_arn) {
        return group_id(call, target.text);
    }
    const std::string begin = group_id(call, "").arn();
    return group_id(
        call,
        target.text.starts_with(begin) ? std::string_view(target.text).substr(begin.size())
                                       : std::string_view()
    );
}

Result<Group> tagged_group(const store::ReadTx& tx, const Call& call) {
    auto target = target_of(call);
    if (!target) {
        return target.error();
    }
    Checks checks;
    if (target->by_arn) {
        checks.required("resourceArn", !target->text.empty());
        checks.length("resourceArn", target->text, 0, kArnMax);
    } else {
        checks.group_name("logGroupName", target->text);
    }
    if (auto fine = checks.take(); !fine) {
        return fine.error();
    }
    auto group = find_group(tx, id_of(call, *target));
    if (!group) {
        return target->by_arn ? no_such_resource() : no_such_group();
    }
    return *std::move(group);
}

// The ARN without ":*": the one way to write it for these actions (CloudWatch Logs User Guide).
AccessRequests
access(const store::ReadTx& tx, const Call& call, std::string_view action, const Tags& given) {
    auto target = target_of(call);
    if (!target) {
        return target.error();
    }
    const GroupId id = id_of(call, *target);
    service::AccessRequest request;
    request.action = "logs:" + std::string(action);
    request.resource = id.arn() + (target->by_arn ? "" : ":log-stream:");
    request.resource_account = id.account;
    if (const auto group = find_group(tx, id)) {
        add_resource_tags(request, *group);
    }
    for (const auto& [key, value] : given) {
        request.conditions.emplace_back("aws:RequestTag/" + key, value);
        request.conditions.emplace_back("aws:TagKeys", key);
    }
    return std::vector{std::move(request)};
}

AccessRequests
access_with_tags(const store::ReadTx& tx, const Call& call, std::string_view action) {
    Checks checks;
    auto tags = read_tags(JsonInput(call.json), "tags", checks);
    if (!tags) {
        return tags.error();
    }
    return access(tx, call, action, *tags);
}

AccessRequests tag_resource_access(const store::ReadTx& tx, const Call& call) {
    return access_with_tags(tx, call, "TagResource");
}

AccessRequests tag_group_access(const store::ReadTx& tx, const Call& call) {
    return access_with_tags(tx, call, "TagLogGroup");
}

AccessRequests untag_resource_access(const store::ReadTx& tx, const Call& call) {
    return access(tx, call, "UntagResource", {});
}

AccessRequests untag_group_access(const store::ReadTx& tx, const Call& call) {
    return access(tx, call, "UntagLogGroup", {});
}

AccessRequests list_resource_access(const store::ReadTx& tx, const Call& call) {
    return access(tx, call, "ListTagsForResource", {});
}

AccessRequests list_group_access(const store::ReadTx& tx, const Call& call) {
    return access(tx, call, "ListTagsLogGroup", {});
}

Result<Response> tag(store::WriteTx& tx, Call& call) {
    const JsonInput json(call.json);
    Checks checks;
    checks.required("tags", json.has("tags"));
    auto tags = read_tags(json, "tags", checks);
    if (!tags) {
        return tags.error();
    }
    if (json.has("tags") && tags->empty()) {
        checks.fail("tags", "{}", "have length greater than or equal to 1");
    }
    if (auto fine = checks.take(); !fine) {
        return fine.error();
    }
    auto group = tagged_group(tx, call);
    if (!group) {
        return group.error();
    }
    for (auto& [key, value] : *tags) {
        const auto same = std::find_if(group->tags.begin(), group->tags.end(), [&](const auto& t) {
            return t.first == key;
        });
        if (same != group->tags.end()) {
            same->second = std::move(value);
        } else {
            group->tags.emplace_back(std::move(key), std::move(value));
        }
    }
    if (group->tags.size() > kTagsMax) {
        return too_many_tags();
    }
    std::sort(group->tags.begin(), group->tags.end());
    put_group(tx, *group);
    return empty_answer();
}

Result<Response> untag(store::WriteTx& tx, Call& call, std::string_view member) {
    auto keys = JsonInput(call.json).strings(member);
    if (!keys) {
        return keys.error();
    }
    Checks checks;
    checks.required(member, keys->has_value());
    if (*keys && (*keys)->size() > kTagsMax) {
        checks.fail(member, "[...]", "have length less than or equal to 50");
    }
    if (auto fine = checks.take(); !fine) {
        return fine.error();
    }
    auto group = tagged_group(tx, call);
    if (!group) {
        return group.error();
    }
    std::erase_if(group->tags, [&](const auto& t) {
        return std::find((*keys)->begin(), (*keys)->end(), t.first) != (*keys)->end();
    });
    put_group(tx, *group);
    return empty_answer();
}

Result<Response> untag_resource(store::WriteTx& tx, Call& call) {
    return untag(tx, call, "tagKeys");
}

Result<Response> untag_group(store::WriteTx& tx, Call& call) {
    return untag(tx, call, "tags");
}

Result<Response> list_tags(const store::ReadTx& tx, Call& call) {
    auto group = tagged_group(tx, call);
    if (!group) {
        return group.error();
    }
    protocol::JsonWriter out;
    out.begin_object().key("tags").begin_object();
    for (const auto& [key, value] : group->tags) {
        out.member(key, value);
    }
    out.end_object().end_object();
    return json_answer(std::move(out).take());
}

} // namespace

Result<Tags> read_tags(const JsonInput& json, std::string_view member, Checks& checks) {
    auto given = json.string_map(member);
    if (!given) {
        return given.error();
    }
    Tags tags = given->value_or(Tags{});
    if (tags.size() > kTagsMax) {
        checks.fail(member, "{...}", "have length less than or equal to 50");
    }
    for (const auto& [key, value] : tags) {
        checks.length(std::string(member) + ".key", key, 1, kKeyMax);
        checks.length(std::string(member) + ".value", value, 0, kValueMax);
        if (!is_tag_text(key) || !is_tag_text(value)) {
            checks.fail(
                member,
                is_tag_text(key) ? value : key,
                R"(satisfy regular expression pattern: ^([\p{L}\p{Z}\p{N}_.:/=+\-@]+)$)"
            );
        } else if (key.starts_with("aws:")) {
            return invalid_parameter("Tag keys that begin with aws: are reserved for AWS.");
        }
    }
    std::sort(tags.begin(), tags.end());
    tags.erase(
        std::unique(
            tags.begin(),
            tags.end(),
            [](const auto& a, const auto& b) { return a.first == b.first; }
        ),
        tags.end()
    );
    return tags;
}

bool may_tag(const Call& call, const Group& group) {
    service::AccessRequest request;
    request.action = "logs:TagResource";
    request.resource = group.id.arn();
    request.resource_account = group.id.account;
    for (const auto& [key, value] : group.tags) {
        request.conditions.emplace_back("aws:RequestTag/" + key, value);
        request.conditions.emplace_back("aws:TagKeys", key);
    }
    return call.context.authorizer.check(request).has_value();
}

void add_tag_operations(std::vector<service::Operation>& rows) {
    const auto add_write = [&rows](
                               std::string_view name,
                               std::string_view action,
                               AccessRequests (*ask)(const store::ReadTx&, const Call&),
                               Result<Response> (*write)(store::WriteTx&, Call&)
                           ) {
        rows.push_back({
            .name = name,
            .protocol = service::Protocol::Json11,
            .iam_action = action,
            .access = service::Access::Write,
            .access_requests = ask,
            .write = write,
        });
    };
    const auto add_read = [&rows](
                              std::string_view name,
                              std::string_view action,
                              AccessRequests (*ask)(const store::ReadTx&, const Call&)
                          ) {
        rows.push_back({
            .name = name,
            .protocol = service::Protocol::Json11,
            .iam_action = action,
            .access_requests = ask,
            .read = list_tags,
        });
    };
    add_write("TagResource", "logs:TagResource", tag_resource_access, tag);
    add_write("UntagResource", "logs:UntagResource", untag_resource_access, untag_resource);
    add_read("ListTagsForResource", "logs:ListTagsForResource", list_resource_access);
    add_write("TagLogGroup", "logs:TagLogGroup", tag_group_access, tag);
    add_write("UntagLogGroup", "logs:UntagLogGroup", untag_group_access, untag_group);
    add_read("ListTagsLogGroup", "logs:ListTagsLogGroup", list_group_access);
}

} // namespace benchtop::logs
