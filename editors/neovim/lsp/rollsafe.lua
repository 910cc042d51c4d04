-- Configuration of the rollsafe language server, and the commands that show what it writes.
--
-- Neovim 0.11 and later find this file on the runtime path: vim.lsp.enable("rollsafe").
-- Earlier versions take the same table: vim.lsp.start(dofile("…/lsp/rollsafe.lua")), see README.md.
--
--   :RollsafePlan [kind] [subject] [--base=REF] [--name=value …]
--                            a plan; without a kind the deployment plan, and a single word that is no
--                            kind is the git revision to compare with
--   :RollsafeExplain [rule]  a rule; without a name the one that speaks on the cursor's line
--
-- The last `rollsafe/status` is in vim.g.rollsafe_status, ready for a status line; the autocommand
-- event `User RollsafeStatus` says that it changed.

local opened = 0

--- Opens Markdown in a scratch buffer in a split; `q` closes it.
local function show(title, markdown)
  opened = opened + 1
  local buffer = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, vim.split(markdown, "\n", { plain = true }))
  vim.api.nvim_buf_set_name(buffer, string.format("rollsafe://%d/%s", opened, title))
  vim.cmd("split")
  vim.api.nvim_win_set_buf(0, buffer)
  vim.bo[buffer].bufhidden = "wipe"
  vim.bo[buffer].modifiable = false
  vim.bo[buffer].filetype = "markdown"
  vim.api.nvim_buf_set_keymap(buffer, "n", "q", "<Cmd>close<CR>", { nowait = true, noremap = true })
end

local function complain(message)
  vim.notify("rollsafe: " .. message, vim.log.levels.ERROR)
end

--- Runs a command of the server and opens the document that it answers with.
local function execute(client, bufnr, command, arguments)
  local params = { command = command, arguments = arguments }
  local function answered(err, result)
    if err then
      complain(err.message)
    elseif type(result) == "table" and type(result.markdown) == "string" then
      show(result.title or (arguments[1] or {}).rule or command, result.markdown)
    end
  end
  if vim.fn.has("nvim-0.11") == 1 then
    client:request("workspace/executeCommand", params, answered, bufnr)
  else
    client.request("workspace/executeCommand", params, answered, bufnr)
  end
end

--- Code actions and lenses of the server name these commands; Neovim asks here before it asks the server.
local function from_code_action(command, ctx)
  local client = vim.lsp.get_client_by_id(ctx.client_id)
  execute(client, ctx.bufnr, command.command, command.arguments or {})
end

local function attached()
  local bufnr = vim.api.nvim_get_current_buf()
  local clients = (vim.lsp.get_clients or vim.lsp.get_active_clients)()
  for _, client in ipairs(clients) do
    if client.name == "rollsafe" and vim.lsp.buf_is_attached(bufnr, client.id) then
      return client, bufnr
    end
  end
  complain("no server is attached to this buffer")
end

--- The rules that speak in the buffer, those of the cursor's line first.
local function rules(bufnr)
  local line = vim.api.nvim_win_get_cursor(0)[1] - 1
  local here, elsewhere = {}, {}
  for _, diagnostic in ipairs(vim.diagnostic.get(bufnr)) do
    -- Neovim 0.7 keeps the code in the server's own diagnostic only.
    local lsp = (diagnostic.user_data or {}).lsp or {}
    local code = diagnostic.code or lsp.code
    if diagnostic.source == "rollsafe" and code then
      table.insert(diagnostic.lnum == line and here or elsewhere, code)
    end
  end
  vim.list_extend(here, elsewhere)
  return here
end

--- The names of the kinds of plans the server has, asked for once.
local kinds
local function plan_kinds(client, bufnr)
  if not kinds then
    local params = { command = "rollsafe.planKinds", arguments = {} }
    local method = "workspace/executeCommand"
    local reply
    if vim.fn.has("nvim-0.11") == 1 then
      reply = client:request_sync(method, params, 5000, bufnr)
    else
      reply = client.request_sync(method, params, 5000, bufnr)
    end
    local known = {}
    for _, kind in ipairs((reply or {}).result or {}) do
      table.insert(known, kind.name)
    end
    if #known == 0 then
      return {}
    end
    kinds = known
  end
  return kinds
end

--- What `:RollsafePlan` was given, as the server takes it.
local function plan_request(words, known)
  local request = { kind = "deploy" }
  local subject, options = {}, vim.empty_dict()
  for position, word in ipairs(words) do
    local name, value = word:match("^%-%-([%w-]+)=?(.*)$")
    if name == "base" or name == "environment" then
      request[name] = value
    elseif name then
      options[name] = value
    elseif position == 1 and vim.tbl_contains(known, word) then
      request.kind = word
    else
      table.insert(subject, word)
    end
  end
  if request.kind == "deploy" and #subject == 1 and not request.base then
    request.base = table.remove(subject)
  end
  request.subject = #subject > 0 and table.concat(subject, " ") or nil
  request.options = next(options) and options or nil
  return request
end

local function plan(options)
  local client, bufnr = attached()
  if client then
    local known = #options.fargs > 0 and plan_kinds(client, bufnr) or {}
    local request = plan_request(options.fargs, known)
    request.uri = vim.uri_from_bufnr(bufnr)
    execute(client, bufnr, "rollsafe.plan", { request })
  end
end

local function complete_kind(lead)
  local client, bufnr = attached()
  return vim.tbl_filter(function(kind)
    return vim.startswith(kind, lead)
  end, client and plan_kinds(client, bufnr) or {})
end

local function explain(options)
  local client, bufnr = attached()
  if not client then
    return
  end
  local rule = options.args ~= "" and options.args or rules(bufnr)[1]
  if rule then
    execute(client, bufnr, "rollsafe.explain", { { rule = rule } })
  else
    complain("no finding in this buffer; name a rule")
  end
end

local function complete_rule(lead)
  return vim.tbl_filter(function(rule)
    return vim.startswith(rule, lead)
  end, rules(vim.api.nvim_get_current_buf()))
end

vim.api.nvim_create_user_command("RollsafePlan", plan, {
  nargs = "*",
  complete = complete_kind,
  desc = "Make a plan, of the deployment unless another kind is named",
})
vim.api.nvim_create_user_command("RollsafeExplain", explain, {
  nargs = "?",
  complete = complete_rule,
  desc = "Explain a rule",
})

local function count(number, noun)
  return string.format("%d %s%s", number, noun, number == 1 and "" or "s")
end

local function on_status(_, status)
  local text = count(status.files, "file")
  for _, noun in ipairs({ "error", "warning" }) do
    local number = status[noun .. "s"]
    text = number > 0 and text .. " · " .. count(number, noun) or text
  end
  vim.g.rollsafe_status = string.format("rollsafe %s %s", status.state == "ready" and "✓" or "…", text)
  vim.cmd("silent doautocmd <nomodeline> User RollsafeStatus")
end

local programs = { python = true, ruby = true, javascript = true, typescript = true }

-- Of programs only migrations are read.
local function is_read(bufnr)
  local name = vim.api.nvim_buf_get_name(bufnr)
  return not programs[vim.bo[bufnr].filetype] or name:find("[Mm]igrat") ~= nil or name:find("/versions/") ~= nil
end

return {
  name = "rollsafe",
  cmd = { "rollsafe", "server" },
  filetypes = {
    "yaml",
    "yaml.docker-compose",
    "yaml.gitlab",
    "yaml.helm-values",
    "helm",
    "dockerfile",
    "sql",
    "toml",
    "json",
    "jsonc",
    "markdown",
    "sh",
    "make",
    "python",
    "ruby",
    "javascript",
    "typescript",
  },
  root_dir = function(bufnr, on_dir)
    if is_read(bufnr) then
      on_dir(vim.fs.root(bufnr, { "rollsafe.toml", ".git" }))
    end
  end,
  init_options = { trusted = true, settings = vim.empty_dict() },
  settings = { rollsafe = vim.empty_dict() },
  commands = {
    ["rollsafe.plan"] = from_code_action,
    ["rollsafe.explain"] = from_code_action,
  },
  handlers = { ["rollsafe/status"] = on_status },
}
