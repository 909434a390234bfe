/** Shell completion: a script for each shell, and the hidden command that they all ask. */
import { Argument, type Command } from 'commander';
import { complete } from './complete.ts';
import type { Io } from './io.ts';

/**
 * Each hands the words up to the cursor to `__complete`, and what that prints to its shell, a word
 * a line. Nothing of it is ever evaluated: it may come from elsewhere.
 */
const scripts = {
  bash: [
    '_unanimous() {',
    '  local i last=-1 line words=()',
    '  COMPREPLY=()',
    '  for ((i = 1; i <= COMP_CWORD; i++)); do',
    '    # Bash takes = and : for words of their own.',
    '    if ((last >= 0)) && [[ ${COMP_WORDS[i]} == [=:]* || ${COMP_WORDS[i - 1]} == [=:] ]]; then',
    '      words[last]+=${COMP_WORDS[i]}',
    '    else',
    '      words[++last]=${COMP_WORDS[i]}',
    '    fi',
    '  done',
    '  while IFS= read -r line; do',
    '    if [[ $line == :files ]]; then compopt -o default; else COMPREPLY+=("${line##*=}"); fi',
    '  done < <("$1" __complete -- "${words[@]}" 2> /dev/null)',
    '}',
    'complete -F _unanimous unanimous',
  ],
  zsh: [
    '_unanimous() {',
    '  local -a found',
    '  found=("${(@f)$("${(Q)words[1]}" __complete -- "${(@Q)words[2,CURRENT]}" 2> /dev/null)}")',
    '  if [[ $found[1] == :files ]]; then _files; else compadd -- ${found:#}; fi',
    '}',
    'compdef _unanimous unanimous',
  ],
  fish: [
    'function __unanimous',
    '  set -l words (commandline -opc)',
    '  set -l current (commandline -ct)',
    '  set -l found ($words[1] __complete -- $words[2..-1] "$current" 2> /dev/null)',
    '  if test "$found[1]" = :files',
    '    __fish_complete_path "$current"',
    '  else',
    '    printf "%s\\n" $found',
    '  end',
    'end',
    'complete -c unanimous -f -a "(__unanimous)"',
  ],
};

type Shell = keyof typeof scripts;

/** Adds `completion`, and what its scripts call. */
export function addCompletionCommands(program: Command, io: Io): void {
  program
    .command('completion')
    .description('print a script that lets a shell complete commands, options and names')
    .addArgument(new Argument('<shell>').choices(Object.keys(scripts)))
    .addHelpText(
      'after',
      `
Examples, one for the settings of each shell:
  echo 'source <(unanimous completion bash)' >> ~/.bashrc
  echo 'source <(unanimous completion zsh)' >> ~/.zshrc
  unanimous completion fish > ~/.config/fish/completions/unanimous.fish`,
    )
    .action((shell: Shell) => {
      io.out(scripts[shell].join('\n'));
    });
  program
    .command('__complete [words...]', { hidden: true })
    .helpOption(false)
    .action(async (words: string[]) => {
      for (const word of await complete(program, words)) io.out(word);
    });
}
