// tools.mcp__comment__no()
const found = await tools.mcp__zoo__feed({ animal: "bear" });
const patch = `*** Begin Patch
*** Add File: a/${name}.txt
+${await tools["mcp__github__get_me"]({})}
*** End Patch`;
for (const file of files) {
  if (/["`]\/tools\.x\(/.test(file)) continue;
  await tools.apply_patch(patch);
}
const result = await tools.exec_command({ cmd: "rm -rf " + 'build', timeout: 10 / 2 });
text(result.output); /* tools.no() */
