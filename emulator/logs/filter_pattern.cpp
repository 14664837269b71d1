#include "emulator/logs/filter_pattern.hpp"

#include "emulator/core/encoding.hpp"
#include "emulator/logs/errors.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <charconv>
#include <optional>
#include <variant>

namespace benchtop::logs {

namespace json = boost::json;

namespace {

constexpr int kDepthMax = 16;
constexpr std::size_t kJsonDepthMax = 64;

bool is_term_character(char c) {
    // Letters beyond ASCII are letters too.
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

AwsError invalid_pattern() {
    return invalid_parameter("Invalid filter pattern");
}

// '*' stands for any run of characters.
bool wildcard_match(std::string_view pattern, std::string_view text) {
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos;
    std::size_t retry = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            retry = t;
        } else if (p < pattern.size() && pattern[p] == text[t]) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++retry;
        } else {
            return false;
        }
    }
    return std::all_of(pattern.begin() + static_cast<std::ptrdiff_t>(p), pattern.end(), [](char c) {
        return c == '*';
    });
}

std::optional<double> number_of(std::string_view text) {
    double value = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
    return ec == std::errc() && end == text.data() + text.size() ? std::optional(value)
                                                                 : std::nullopt;
}

enum class Operator {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    IsNull,
    IsTrue,
    IsFalse,
    Exists,
    NotExists,
};

// A step of "$.users[0].name": a member, an element, or ("[*]") any element.
struct AnyElement {};

using Step = std::variant<std::string, std::size_t, AnyElement>;

// Calls `test` with each value the steps lead to until it says true.
template <class Test>
bool any_value(const json::value& value, const Step* step, const Step* end, const Test& test) {
    if (step == end) {
        return test(value);
    }
    if (const auto* name = std::get_if<std::string>(step)) {
        const auto* object = value.if_object();
        const auto* next = object != nullptr ? object->if_contains(*name) : nullptr;
        return next != nullptr && any_value(*next, step + 1, end, test);
    }
    const auto* array = value.if_array();
    if (array == nullptr) {
        return false;
    }
    if (const auto* index = std::get_if<std::size_t>(step)) {
        return *index < array->size() && any_value((*array)[*index], step + 1, end, test);
    }
    return std::any_of(array->begin(), array->end(), [&](const json::value& element) {
        return any_value(element, step + 1, end, test);
    });
}

} // namespace

// A comparison, or several conditions joined.
struct JsonCondition {
    enum class Kind { Compare, All, Any } kind = Kind::Compare;
    std::vector<JsonCondition> parts;
    std::vector<Step> path;
    Operator op = Operator::Equal;
    std::string text;
    std::optional<double> number; // of an unquoted text that is one

    bool holds(const json::value& event) const {
        const auto part_holds = [&](const JsonCondition& part) { return part.holds(event); };
        switch (kind) {
        case Kind::All:
            return std::all_of(parts.begin(), parts.end(), part_holds);
        case Kind::Any:
            return std::any_of(parts.begin(), parts.end(), part_holds);
        case Kind::Compare:
            break;
        }
        const Step* const begin = path.data();
        const bool found = any_value(event, begin, begin + path.size(), [&](const json::value& v) {
            return op == Operator::NotExists || value_holds(v);
        });
        return op == Operator::NotExists ? !found : found;
    }

private:
    // A field that is not there is neither equal nor unequal to anything.
    bool value_holds(const json::value& value) const {
        switch (op) {
        case Operator::IsNull:
            return value.is_null();
        case Operator::IsTrue:
        case Operator::IsFalse:
            return value.is_bool() && value.get_bool() == (op == Operator::IsTrue);
        case Operator::Exists:
        case Operator::NotExists:
            return true;
        case Operator::Equal:
            return equals(value);
        case Operator::NotEqual:
            return value.is_primitive() && !value.is_null() && !equals(value);
        default:
            break;
        }
        boost::system::error_code ec;
        const double given = value.is_number() ? value.to_number<double>(ec) : 0;
        if (!value.is_number() || !number || ec) {
            return false;
        }
        switch (op) {
        case Operator::Less:
            return given < *number;
        case Operator::LessEqual:
            return given <= *number;
        case Operator::Greater:
            return given > *number;
        default:
            return given >= *number;
        }
    }

    bool equals(const json::value& value) const {
        if (const auto* string = value.if_string()) {
            return wildcard_match(text, {string->data(), string->size()});
        }
        if (value.is_bool()) {
            return text == (value.get_bool() ? "true" : "false");
        }
        if (!value.is_number()) {
            return false;
        }
        boost::system::error_code ec;
        const double given = value.to_number<double>(ec);
        return number ? !ec && given == *number : wildcard_match(text, json::serialize(value));
    }
};

namespace {

// Recursive descent over "{ ... }"; the text is short, the depth bounded.
class JsonPatternParser {
public:
    explicit JsonPatternParser(std::string_view text)
        : text_(text) {}

    std::optional<JsonCondition> parse() {
        auto condition = any(0);
        skip_spaces();
        return condition && at_ == text_.size() ? std::move(condition) : std::nullopt;
    }

private:
    using Maybe = std::optional<JsonCondition>;

    void skip_spaces() {
        while (at_ < text_.size() && is_space(text_[at_])) {
            ++at_;
        }
    }

    bool take(std::string_view token) {
        skip_spaces();
        if (!text_.substr(at_).starts_with(token)) {
            return false;
        }
        at_ += token.size();
        return true;
    }

    // A keyword, in any case, that ends there.
    bool take_word(std::string_view word) {
        skip_spaces();
        const std::string_view next = text_.substr(at_, word.size());
        const std::size_t end = at_ + word.size();
        if (!iequals(next, word) || (end < text_.size() && is_term_character(text_[end]))) {
            return false;
        }
        at_ = end;
        return true;
    }

    template <class Next>
    Maybe joined(JsonCondition::Kind kind, std::string_view joint, const Next& next) {
        auto first = next();
        if (!first) {
            return std::nullopt;
        }
        JsonCondition all;
        all.kind = kind;
        all.parts.push_back(*std::move(first));
        while (take(joint)) {
            auto more = next();
            if (!more) {
                return std::nullopt;
            }
            all.parts.push_back(*std::move(more));
        }
        return all.parts.size() == 1 ? std::move(all.parts.front()) : std::move(all);
    }

    Maybe any(int depth) {
        return joined(JsonCondition::Kind::Any, "||", [&] { return all(depth); });
    }

    Maybe all(int depth) {
        return joined(JsonCondition::Kind::All, "&&", [&] { return one(depth); });
    }

    Maybe one(int depth) {
        if (depth > kDepthMax) {
            return std::nullopt;
        }
        if (take("(")) {
            auto inner = any(depth + 1);
            return take(")") ? std::move(inner) : std::nullopt;
        }
        JsonCondition condition;
        if (!take("$") || !read_path(condition.path) || !read_operator(condition)) {
            return std::nullopt;
        }
        return condition;
    }

    bool read_path(std::vector<Step>& path) {
        while (at_ < text_.size()) {
            if (text_[at_] == '.') {
                ++at_;
                const std::size_t begin = at_;
                while (at_ < text_.size() && (is_term_character(text_[at_]) || text_[at_] == '-')) {
                    ++at_;
                }
                if (at_ == begin) {
                    return false;
                }
                path.emplace_back(std::string(text_.substr(begin, at_ - begin)));
            } else if (text_[at_] == '[') {
                ++at_;
                if (!read_bracket(path)) {
                    return false;
                }
            } else {
                break;
            }
        }
        return !path.empty();
    }

    bool read_bracket(std::vector<Step>& path) {
        if (take("*")) {
            path.emplace_back(AnyElement{});
            return take("]");
        }
        skip_spaces();
        if (at_ < text_.size() && (text_[at_] == '\'' || text_[at_] == '"')) {
            auto name = read_quoted();
            if (!name) {
                return false;
            }
            path.emplace_back(*std::move(name));
            return take("]");
        }
        const std::size_t end = text_.find(']', at_);
        const auto index = end == std::string_view::npos
                               ? std::nullopt
                               : parse_u64(trim(text_.substr(at_, end - at_)));
        if (!index) {
            return false;
        }
        path.emplace_back(static_cast<std::size_t>(*index));
        at_ = end + 1;
        return true;
    }

    bool read_operator(JsonCondition& condition) {
        if (take_word("IS")) {
            condition.op = take_word("NULL")    ? Operator::IsNull
                           : take_word("TRUE")  ? Operator::IsTrue
                           : take_word("FALSE") ? Operator::IsFalse
                                                : Operator::Equal;
            return condition.op != Operator::Equal;
        }
        if (take_word("NOT")) {
            condition.op = Operator::NotExists;
            return take_word("EXISTS");
        }
        if (take_word("EXISTS")) {
            condition.op = Operator::Exists;
            return true;
        }

        struct Sign {
            std::string_view text;
            Operator op;
        };

        constexpr Sign signs[] = {
            {"!=", Operator::NotEqual},
            {"<=", Operator::LessEqual},
            {">=", Operator::GreaterEqual},
            {"=", Operator::Equal},
            {"<", Operator::Less},
            {">", Operator::Greater}};
        for (const Sign& sign : signs) {
            if (take(sign.text)) {
                condition.op = sign.op;
                return read_operand(condition);
            }
        }
        return false;
    }

    bool read_operand(JsonCondition& condition) {
        skip_spaces();
        if (at_ < text_.size() && text_[at_] == '"') {
            auto quoted = read_quoted();
            condition.text = quoted.value_or("");
            return quoted.has_value() && is_comparable(condition);
        }
        const std::size_t begin = at_;
        while (at_ < text_.size() && !is_space(text_[at_]) &&
               std::string_view("()&|\"").find(text_[at_]) == std::string_view::npos) {
            ++at_;
        }
        condition.text = text_.substr(begin, at_ - begin);
        condition.number = number_of(condition.text);
        return at_ > begin && condition.text.front() != '%' && is_comparable(condition);
    }

    // Only numbers are less or greater.
    static bool is_comparable(const JsonCondition& condition) {
        return condition.number || condition.op == Operator::Equal ||
               condition.op == Operator::NotEqual;
    }

    // At a quote; a backslash escapes.
    std::optional<std::string> read_quoted() {
        const char quote = text_[at_++];
        std::string out;
        while (at_ < text_.size() && text_[at_] != quote) {
            if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
                ++at_;
            }
            out += text_[at_++];
        }
        if (at_ == text_.size()) {
            return std::nullopt;
        }
        ++at_;
        return out;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

std::string_view trim_spaces(std::string_view text) {
    while (!text.empty() && is_space(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && is_space(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

// Cuts the first term off `rest`: a quoted phrase or a word.
Result<std::string> take_term(std::string_view& rest) {
    if (rest.starts_with('"')) {
        std::string phrase;
        std::size_t at = 1;
        while (at < rest.size() && rest[at] != '"') {
            at += rest[at] == '\\' && at + 1 < rest.size() ? 1 : 0;
            phrase += rest[at++];
        }
        if (at >= rest.size() || phrase.empty()) {
            return invalid_pattern();
        }
        rest.remove_prefix(at + 1);
        return phrase;
    }
    std::size_t end = 0;
    while (end < rest.size() && !is_space(rest[end])) {
        ++end;
    }
    const std::string_view word = rest.substr(0, end);
    if (word.empty() || !std::all_of(word.begin(), word.end(), is_term_character)) {
        // As users have quoted it: a term of other characters must be in double quotes.
        return invalid_parameter("Invalid character(s) in term '" + std::string(word) + "'");
    }
    rest.remove_prefix(end);
    return std::string(word);
}

} // namespace

Result<FilterPattern> FilterPattern::parse(std::string_view text) {
    FilterPattern pattern;
    std::string_view rest = trim_spaces(text);
    if (rest.starts_with('{')) {
        auto condition = rest.size() > 2 && rest.ends_with('}')
                             ? JsonPatternParser(rest.substr(1, rest.size() - 2)).parse()
                             : std::nullopt;
        if (!condition) {
            return invalid_pattern();
        }
        pattern.json_ = std::make_shared<const JsonCondition>(*std::move(condition));
        return pattern;
    }
    if (rest.starts_with('[')) {
        return invalid_parameter("Benchtop does not evaluate space-delimited filter patterns.");
    }
    if (rest.starts_with('%')) {
        return invalid_parameter("Benchtop does not evaluate regular expressions.");
    }
    while (!rest.empty()) {
        auto* terms = &pattern.required_;
        if (rest.starts_with('?') || rest.starts_with('-')) {
            terms = rest.front() == '?' ? &pattern.optional_ : &pattern.excluded_;
            rest.remove_prefix(1);
        }
        auto term = take_term(rest);
        if (!term) {
            return term.error();
        }
        terms->push_back(*std::move(term));
        rest = trim_spaces(rest);
    }
    return pattern;
}

// The guide: beside other terms, optional ones are ignored.
bool FilterPattern::terms_match(std::string_view message) const {
    const auto contained = [message](const std::string& term) {
        return message.find(term) != std::string_view::npos;
    };
    if (std::any_of(excluded_.begin(), excluded_.end(), contained) ||
        !std::all_of(required_.begin(), required_.end(), contained)) {
        return false;
    }
    return optional_.empty() || !required_.empty() || !excluded_.empty() ||
           std::any_of(optional_.begin(), optional_.end(), contained);
}

bool FilterPattern::matches(std::string_view message) const {
    if (!json_) {
        return terms_match(message);
    }
    json::parse_options options;
    options.max_depth = kJsonDepthMax;
    boost::system::error_code ec;
    const json::value event =
        json::parse(json::string_view(message.data(), message.size()), ec, {}, options);
    return !ec && event.is_object() && json_->holds(event);
}

} // namespace benchtop::logs
