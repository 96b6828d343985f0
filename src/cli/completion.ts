/** Completion scripts for shells, made from the commands and options that the program declares. */
import type { Command } from 'commander';
import { OperatorError } from '../operator-error.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;

interface Described {
  readonly name: string;
  readonly text: string;
}

interface CompletedCommand extends Described {
  readonly options: readonly Described[];
}

/** @throws OperatorError for another shell */
export function completionScript(program: Command, shell: string): string {
  const commands = program.commands
    .filter((command) => command.name() !== 'help')
    .map((command): CompletedCommand => ({
      name: command.name(),
      text: command.description(),
      options: command.options.flatMap(({ long, description }) =>
        typeof long === 'string' ? [{ name: long, text: description }] : [],
      ),
    }));
  switch (shell) {
    case 'bash':
      return bash(program.name(), commands);
    case 'zsh':
      return zsh(program.name(), commands);
    case 'fish':
      return fish(program.name(), commands);
    default:
      throw new OperatorError(`completion ${shell}: expected ${SHELLS.join(', ')}`);
  }
}

const names = (all: readonly Described[]): string => all.map(({ name }) => name).join(' ');

function bash(program: string, commands: readonly CompletedCommand[]): string {
  const cases = commands.map(({ name, options }) => `    ${name}) words="${names(options)} --help" ;;`);
  return [
    `# ${program} completion bash >> ~/.bashrc`,
    `_${program}() {`,
    '  local words',
    '  case "${COMP_CWORD}:${COMP_WORDS[1]}" in',
    `    1:*) words="${names(commands)} help" ;;`,
    '    *) words="" ;;',
    '  esac',
    '  [[ $COMP_CWORD -gt 1 ]] && case "${COMP_WORDS[1]}" in',
    ...cases,
    '  esac',
    '  COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))',
    '}',
    `complete -o default -F _${program} ${program}`,
  ].join('\n');
}

function zsh(program: string, commands: readonly CompletedCommand[]): string {
  const quoted = (text: string): string => text.replaceAll("'", "'\\''").replaceAll(':', '\\:');
  const cases = commands.map(({ name, options }) => {
    const specs = options.map((option) => `'${option.name}[${quoted(option.text).replaceAll(']', '\\]')}]'`);
    return `    ${name}) _arguments ${[...specs, "'*:file:_files'"].join(' ')} ;;`;
  });
  return [
    `#compdef ${program}`,
    `# ${program} completion zsh > "\${fpath[1]}/_${program}"`,
    `_${program}() {`,
    '  local -a commands',
    `  commands=(${commands.map(({ name, text }) => `'${name}:${quoted(text)}'`).join(' ')})`,
    "  if (( CURRENT == 2 )); then _describe 'command' commands; return; fi",
    '  local command=$words[2]',
    '  shift words; (( CURRENT-- ))',
    '  case $command in',
    ...cases,
    '  esac',
    '}',
    `compdef _${program} ${program}`,
  ].join('\n');
}

function fish(program: string, commands: readonly CompletedCommand[]): string {
  const quoted = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll("'", "\\'");
  return [
    `# ${program} completion fish > ~/.config/fish/completions/${program}.fish`,
    ...commands.map(
      ({ name, text }) =>
        `complete -c ${program} -n __fish_use_subcommand -f -a ${name} -d '${quoted(text)}'`,
    ),
    ...commands.flatMap(({ name, options }) =>
      options.map(
        (option) =>
          `complete -c ${program} -n '__fish_seen_subcommand_from ${name}' -l ${option.name.slice(2)} -d '${quoted(option.text)}'`,
      ),
    ),
  ].join('\n');
}
