import { type Command, Argument } from 'commander'
import { completionScript, SHELLS, type Shell } from '../complete/scripts.ts'

/** `completion`: what a shell must run so that the Tab key completes commands, flags and ids. */
export function addCompletionCommand(program: Command, print: (text: string) => void): void {
  program
    .command('completion')
    .description('Print what makes the Tab key complete commands, in your shell')
    .addArgument(new Argument('<shell>', 'The shell that you use').choices([...SHELLS]))
    .addHelpText(
      'after',
      `
Put it where your shell looks for it:
  bash   start-cli completion bash > ~/.local/share/bash-completion/completions/start-cli
         (or, without the package bash-completion, behind “source” in ~/.bashrc)
  zsh    start-cli completion zsh > "\${fpath[1]}/_start-cli"
  fish   start-cli completion fish > ~/.config/fish/completions/start-cli.fish

Examples:
  start-cli completion bash
  source <(start-cli completion bash)`,
    )
    .action((shell: Shell) => print(completionScript(shell)))
}
