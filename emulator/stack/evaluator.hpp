// Intrinsic functions: gives a value without them. Names of resources are known before any is
// made, so Ref and GetAtt need no store. Refusals are thrown.
#pragma once

#include "emulator/stack/resources.hpp"

#include <map>
#include <optional>

namespace benchtop::stack {

class Evaluator {
public:
    // Both outlive the evaluator.
    Evaluator(const Sections& sections, const TemplateInput& input);

    // `where` begins each refusal's sentence: "resource Worker, property Role".
    Node evaluate(const Node& node, std::string_view where);
    // The physical name: what Ref gives.
    std::string ref(const Resource& resource, int line = 0);
    // An id drawn from the resource's name: `length` characters of `alphabet`.
    std::string
    drawn(const Resource& resource, std::size_t length, std::string_view alphabet) const;

    const TemplateInput& input() const { return input_; }

private:
    Node function(const std::string& name, const Node& argument);
    std::string reference(const std::string& name, int line);
    std::string attribute(const std::string& logical_id, const std::string& attribute, int line);
    std::string substitute(const Node& argument);
    std::string join(const Node& argument);
    std::string text_of(const Node& node, std::string_view what);
    std::string name_of(const Resource& resource);
    std::string generated(const Resource& resource, std::size_t longest, bool lower_case) const;
    std::string id_or_drawn(const Resource& resource, std::size_t length);
    const Resource* find(std::string_view logical_id) const;
    void spend(std::size_t bytes, int line);
    [[noreturn]] void fail(int line, std::string_view sentence) const;

    const Sections& sections_;
    const TemplateInput& input_;
    std::map<std::string, std::string, std::less<>> names_; // by logical id
    std::vector<std::string> naming_;                       // whose names are being evaluated
    std::string where_;
    std::size_t spent_ = 0;
};

} // namespace benchtop::stack
