const { exec_command, shell } = tools;
const run = tools.exec_command?.bind(tools);
await Promise.all(["ls", "git push --force"].map((cmd) => tools[name]?.({ cmd })));
await tools.shell({ command: ["bash", "-lc", `cd ${dir} && \u{72}m -rf x`] });
