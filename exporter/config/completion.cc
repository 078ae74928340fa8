#include "config/completion.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "config/commands.h"
#include "config/options.h"

namespace kafkascope::config {
namespace {

/// Returns the options to complete: all flags but those that are an error.
std::vector<const Option*> completed() {
  std::vector<const Option*> result;
  for (const Option& option : options())
    if (!option.flag.empty() && option.section != kRefused && option.section != kIgnored) result.push_back(&option);
  return result;
}

bool takes_file(const Option& option) { return option.placeholder == "FILE"; }

/// Returns the words that a placeholder such as none|-1 lists, separated by spaces.
std::string words(const Option& option) {
  if (option.placeholder.find('|') == std::string_view::npos) return "";
  std::string text(option.placeholder);
  std::replace(text.begin(), text.end(), '|', ' ');
  return text;
}

/// Returns a flag as completion offers it: with = if it needs a value.
std::string offered(const Option& option) {
  const bool bare = option.kind == Kind::boolean || option.kind == Kind::optional_text;
  return fmt::format("--{}{}", option.flag, bare ? "" : "=");
}

std::string command_names() {
  std::string names;
  for (const Command& command : commands()) names += fmt::format("{} ", command.name);
  return names;
}

/// An argument of a command, such as --sort=group|lag.
struct Argument {
  std::string name;   ///< With = if it needs a value.
  std::string words;  ///< Values to choose from, separated by spaces; empty: any.
};

/// Returns the arguments of a command besides flags, from [--name=VALUE...] and [--name] as --help shows them.
std::vector<Argument> arguments_of(const Command& command) {
  std::vector<Argument> result;
  std::string_view rest = command.arguments;
  for (size_t begin = 0; (begin = rest.find("[--")) != rest.npos;) {
    const std::string_view argument = rest.substr(begin + 1, rest.find_first_of("].", begin) - begin - 1);
    const size_t equals = std::min(argument.find('='), argument.size());
    std::string words(argument.substr(equals));
    const bool choice = words.find('|') != words.npos;
    std::replace(words.begin(), words.end(), '|', ' ');
    result.push_back({fmt::format("{}{}", argument.substr(0, equals), words.empty() ? "" : "="),
                      choice ? words.substr(1) : std::string()});
    rest.remove_prefix(begin + 1);
  }
  return result;
}

/// Escapes for a single-quoted word of a shell.
std::string shell_word(std::string_view text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

}  // namespace

std::string bash_completion() {
  std::string flags, cases;
  for (const Option* option : completed()) {
    flags += offered(*option) + " ";
    if (option->kind == Kind::boolean && option->fallback == "true") flags += fmt::format("--no-{} ", option->flag);
    if (takes_file(*option))
      cases +=
          fmt::format("    --{}) compopt -o filenames; COMPREPLY=($(compgen -f -- \"$value\")) ;;\n", option->flag);
    else if (const auto choices = words(*option); !choices.empty())
      cases += fmt::format("    --{}) COMPREPLY=($(compgen -W '{}' -- \"$value\")) ;;\n", option->flag, choices);
  }
  std::string of_commands;
  for (const Command& command : commands()) {
    std::string names;
    for (const Argument& argument : arguments_of(command)) {
      names += argument.name + " ";
      if (!argument.words.empty())
        cases += fmt::format("    {}) COMPREPLY=($(compgen -W '{}' -- \"$value\")) ;;\n",
                             argument.name.substr(0, argument.name.size() - 1), argument.words);
    }
    if (!names.empty()) of_commands += fmt::format("    {}) commands='{}' ;;\n", command.name, names);
  }
  // Bash splits --flag=value into three words.
  return "# bash completion for kafkascope\n"
         "_kafkascope() {\n"
         "  local word=${COMP_WORDS[COMP_CWORD]} flag=${COMP_WORDS[COMP_CWORD-1]} value=\n"
         "  COMPREPLY=()\n"
         "  if [[ $word == = ]]; then word=; elif [[ $flag == = ]]; then flag=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
         "  value=$word\n"
         "  case $flag in\n" +
         cases +
         "  esac\n"
         "  if ((${#COMPREPLY[@]})) || [[ ${COMP_WORDS[COMP_CWORD-1]} == = ]]; then return; fi\n"
         "  local commands=\n"
         "  if ((COMP_CWORD == 1)); then commands='" +
         command_names() +
         "'; fi\n"
         "  case ${COMP_WORDS[1]} in\n" +
         of_commands +
         "  esac\n"
         "  COMPREPLY=($(compgen -W \"$commands\"'" +
         flags +
         "' -- \"$word\"))\n"
         "  if [[ ${COMPREPLY-} == *= ]]; then compopt -o nospace; fi\n"
         "}\n"
         "complete -F _kafkascope kafkascope kafka_exporter\n";
}

std::string zsh_completion() {
  std::string text = "#compdef kafkascope kafka_exporter\n_arguments -s";
  for (const Option* option : completed()) {
    std::string help(option->help);
    for (const char special : {'[', ']', ':'})
      for (size_t at = 0; (at = help.find(special, at)) != std::string::npos; at += 2) help.insert(at, 1, '\\');
    std::string spec = fmt::format("*{}[{}]", offered(*option), help);
    if (option->kind != Kind::boolean) {
      const auto choices = words(*option);
      const std::string action = takes_file(*option) ? "_files" : choices.empty() ? "" : fmt::format("({})", choices);
      spec += fmt::format("{}:{}:{}", option->kind == Kind::optional_text ? ":" : "", "value", action);
    }
    text += fmt::format(" \\\n  {}", shell_word(spec));
  }
  for (const Command& command : commands())
    for (const Argument& argument : arguments_of(command))
      text += fmt::format(
          " \\\n  {}", shell_word(fmt::format(
                           "*{}[of {}]{}", argument.name, command.name,
                           argument.name.ends_with('=') ? fmt::format(":value:({})", argument.words) : std::string())));
  return text + fmt::format(" \\\n  '1:command:({})'\n", command_names());
}

std::string fish_completion() {
  std::string text =
      "# fish completion for kafkascope\ncomplete -c kafkascope -f\ncomplete -c kafka_exporter -w kafkascope\n";
  for (const Command& command : commands())
    text += fmt::format("complete -c kafkascope -n __fish_use_subcommand -a {} -d {}\n", command.name,
                        shell_word(command.help));
  for (const Command& command : commands())
    for (const Argument& argument : arguments_of(command)) {
      const bool has_value = argument.name.ends_with('=');
      text += fmt::format("complete -c kafkascope -n '__fish_seen_subcommand_from {}' -l {}{}{}\n", command.name,
                          argument.name.substr(2, argument.name.size() - 2 - has_value), has_value ? " -x" : "",
                          argument.words.empty() ? "" : fmt::format(" -a {}", shell_word(argument.words)));
    }
  for (const Option* option : completed()) {
    text += fmt::format("complete -c kafkascope -l {} -d {}", option->flag, shell_word(option->help));
    if (option->kind != Kind::boolean && option->kind != Kind::optional_text)
      text += takes_file(*option) ? " -r -F" : " -x";
    if (const auto choices = words(*option); !choices.empty()) text += fmt::format(" -a {}", shell_word(choices));
    text += '\n';
  }
  return text;
}

}  // namespace kafkascope::config
