// HTML as programs put it on the clipboard, with the text that a reader sees in it: one line for each line, without empty ones.
// `•` and numbers stand before the items of lists.

export interface Snippet {
  source: string
  html: string
  text: string
}

const word = (body: string): string =>
  `<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word"><head><meta name=Generator content="Microsoft Word 15"><style><!-- p.MsoNormal {margin:0cm;} --></style></head><body lang=EN-GB style='tab-interval:36.0pt'><!--StartFragment-->${body}<!--EndFragment--></body></html>`
const google = (body: string): string =>
  `<meta charset='utf-8'><b style="font-weight:normal;" id="docs-internal-guid-1f">${body}</b>`
const docsLine = (body: string, style = ''): string =>
  `<p dir="ltr" style="line-height:1.38;margin-top:0pt;margin-bottom:0pt;"><span style="font-size:11pt;font-family:Arial,sans-serif;color:#000000;white-space:pre;white-space:pre-wrap;${style}">${body}</span></p>`
const code = (body: string): string =>
  `<meta charset='utf-8'><div style="color: #cccccc;background-color: #1f1f1f;font-family: Consolas, 'Courier New', monospace;font-weight: normal;font-size: 14px;line-height: 19px;white-space: pre;">${body}</div>`
const chrome = (body: string): string => `<meta charset='utf-8'>${body}`
const bullet = (item: string, level = 1, mark = '·'): string =>
  `<p class=MsoListParagraph style='margin-left:36.0pt;text-indent:-18.0pt;mso-list:l0 level${level} lfo1'><![if !supportLists]><span style='font-family:Symbol'><span style='mso-list:Ignore'>${mark}<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp;&nbsp; </span></span></span><![endif]>${item}<o:p></o:p></p>`

export const clipboardSnippets: readonly Snippet[] = [
  // Word
  { source: 'Word', html: word('<p class=MsoNormal>Call __init__ now <b>bold</b><o:p></o:p></p>'), text: 'Call __init__ now bold' },
  { source: 'Word', html: word('<p class=MsoNormal>First line<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoNormal>Second <i>line</i></p>'), text: 'First line\nSecond line' },
  { source: 'Word', html: word(bullet('Milk') + bullet('Bread <b>and</b> butter') + bullet('Rye', 2, 'o')), text: '• Milk\n• Bread and butter\n• Rye' },
  { source: 'Word', html: word(bullet('One', 1, '1.') + bullet('Two', 1, '2.')), text: '1. One\n2. Two' },
  { source: 'Word', html: word("<p class=MsoNormal><span style='mso-spacerun:yes'>  </span>Total: 5 * 3 * 2 = <s>40</s> <b>30</b></p>"), text: 'Total: 5 * 3 * 2 = 40 30' },
  { source: 'Word', html: word('<h1>1. Scope</h1><p class=MsoNormal>The file is C:\\temp\\*.* on <u>all</u> hosts.</p>'), text: '1. Scope\nThe file is C:\\temp\\*.* on all hosts.' },
  { source: 'Word', html: word('<table class=MsoTableGrid><tr><td><p class=MsoNormal>Item<o:p></o:p></p></td><td><p class=MsoNormal>Price</p></td></tr><tr><td><p class=MsoNormal>x_1</p></td><td><p class=MsoNormal>*3*</p></td></tr></table>'), text: 'Item | Price\nx_1 | *3*' },
  { source: 'Word', html: word('<p class=MsoNormal>See <a href="https://example.com/a_b_c">https://example.com/a_b_c</a> for _details_.</p>'), text: 'See https://example.com/a_b_c for _details_.' },
  { source: 'Word', html: word("<p class=MsoNormal>“Quoted” – it’s <b style='mso-bidi-font-weight:normal'>fine</b>…</p>"), text: '“Quoted” – it’s fine…' },
  { source: 'Word', html: word('<p class=MsoNormal>Bonjour&nbsp;! Ça va&nbsp;?</p>'), text: 'Bonjour\u00A0! Ça va\u00A0?' },
  // Outlook
  { source: 'Outlook', html: word('<p class=MsoNormal>Hi all,<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoNormal>the share is \\\\nas\\#recycle\\plan.doc<o:p></o:p></p>'), text: 'Hi all,\nthe share is \\\\nas\\#recycle\\plan.doc' },
  { source: 'Outlook', html: word('<div style="border:none;border-top:solid #E1E1E1 1.0pt"><p class=MsoNormal><b>From:</b> Ann &lt;ann@example.com&gt; <br><b>Sent:</b> Monday<br><b>Subject:</b> RE: [JIRA] (ABC-1) *urgent*</p></div>'), text: 'From: Ann <ann@example.com>\nSent: Monday\nSubject: RE: [JIRA] (ABC-1) *urgent*' },
  { source: 'Outlook', html: word('<p class=MsoNormal><a href="mailto:bob@example.com">bob@example.com</a>; <a href="mailto:x@example.com">Xenia</a></p>'), text: 'bob@example.com; Xenia' },
  { source: 'Outlook', html: '<div style="font-family:Calibri"><div>Line one</div><div><br></div><div>Line <b>two</b></div></div>', text: 'Line one\nLine two' },
  { source: 'Outlook', html: '<blockquote style="border-left:2px solid"><div>&gt; older</div><div>newer</div></blockquote><div><i>me</i></div>', text: '> older\nnewer\nme' },
  // Google Docs
  { source: 'Google Docs', html: google(docsLine('Plain and ') + docsLine('bold', 'font-weight:700;')), text: 'Plain and\nbold' },
  { source: 'Google Docs', html: google('<ul style="margin-top:0"><li dir="ltr" style="list-style-type:disc"><p dir="ltr" role="presentation"><span style="white-space:pre-wrap">one</span></p></li><li><p><span>two *2*</span></p></li></ul>'), text: '• one\n• two *2*' },
  { source: 'Google Docs', html: google('<ol><li><p><span>a</span></p></li><li><p><span>b</span></p></li></ol><br><p><span>after</span></p>'), text: '1. a\n2. b\nafter' },
  { source: 'Google Docs', html: google(docsLine('2 &lt; 3 &amp;&amp; a_b_c') + '<br />' + docsLine('if (x) { y(*p); }')), text: '2 < 3 && a_b_c\nif (x) { y(*p); }' },
  { source: 'Google Docs', html: google('<h2 dir="ltr"><span style="font-weight:400">Heading *one*</span></h2>' + docsLine('text')), text: 'Heading *one*\ntext' },
  { source: 'Google Docs', html: google('<div dir="ltr"><table><colgroup><col /></colgroup><tbody><tr><td><p><span>a</span></p></td><td><p><span>b_c_d</span></p></td></tr></tbody></table></div>'), text: 'a | b_c_d' },
  // VS Code and other editors
  { source: 'VS Code', html: code('<div><span style="color: #569cd6;">def</span><span> </span><span style="color: #dcdcaa;">__init__</span><span>(self, *args, **kwargs):</span></div><div><span>    </span><span style="color: #c586c0;">return</span><span> self.__x__</span></div><br><div><i>#</i> end</div>'), text: 'def __init__(self, *args, **kwargs):\n    return self.__x__\n# end' },
  { source: 'VS Code', html: code('<div>const a = `x ${b} y`;</div><div>const c = [1](https://x.example)</div>'), text: 'const a = `x ${b} y`;\nconst c = [1](https://x.example)' },
  { source: 'VS Code', html: code('<div>- name: x</div><div>  run: |</div><div># comment</div><div><b>&gt; out</b></div>'), text: '- name: x\n  run: |\n# comment\n> out' },
  { source: 'JetBrains', html: '<html><head><meta http-equiv="content-type" content="text/html; charset=UTF-8"></head><body><pre style="background-color:#2b2b2b;font-family:\'JetBrains Mono\',monospace"><span style="color:#cc7832;">int </span>*p = **q;<br><span>x_y_z</span> = `ls`;</pre></body></html>', text: 'int *p = **q;\nx_y_z = `ls`;' },
  { source: 'JetBrains', html: '<html><body><pre>word</pre></body></html>', text: 'word' },
  { source: 'Notepad++', html: '<div style="float: left; white-space: pre; line-height: 1; background: #FFFFFF;"><span>&lt;?php</span> <span>$_GET</span>[<span>\'a_b\'</span>]; <b>echo</b> $_POST;</div>', text: "<?php $_GET['a_b']; echo $_POST;" },
  // Slack, Teams, chats
  { source: 'Slack', html: chrome('<span style="color: rgb(29, 28, 29);">deploy <code class="c-mrkdwn__code">make *all*</code> then </span><b>wait</b>'), text: 'deploy make *all* then wait' },
  { source: 'Slack', html: chrome('<div class="p-rich_text_section">done <img data-stringify-type="emoji" data-stringify-emoji=":tada:" alt=":tada:" src="x.png"> <a href="https://example.slack.com/archives/C1">#general</a></div>'), text: 'done :tada: #general' },
  { source: 'Slack', html: chrome('<pre class="c-mrkdwn__pre">$ ls *.txt\na_b.txt</pre><b>ok</b>'), text: '$ ls *.txt\na_b.txt\nok' },
  { source: 'Slack', html: chrome('<ul data-stringify-type="unordered-list"><li>one_two_three</li><li><b>two</b><ul><li>deep ~~x~~</li></ul></li></ul>'), text: '• one_two_three\n• two\n• deep ~~x~~' },
  { source: 'Teams', html: '<div><div><p>Hello&nbsp;<strong>team</strong>,</p><p>ping `me` at *noon*</p></div></div>', text: 'Hello\u00A0team,\nping `me` at *noon*' },
  { source: 'WhatsApp Web', html: chrome('<span dir="ltr">Great <img alt="👍" src="data:," style="background-image: url()"> see <em>you</em></span>'), text: 'Great 👍 see you' },
  { source: 'Discord', html: chrome('<ol><li><span>||spoiler|| and __under__</span></li></ol><s>gone</s>'), text: '1. ||spoiler|| and __under__\ngone' },
  // GitHub, GitLab, wikis
  { source: 'GitHub', html: chrome('<p dir="auto">Fixes <a href="https://github.com/a/b/issues/1">#1</a>: use <code class="notranslate">a_b(*c)</code>, not <code>**</code></p>'), text: 'Fixes #1: use a_b(*c), not **' },
  { source: 'GitHub', html: chrome('<div class="highlight highlight-source-python"><pre><span class="pl-k">def</span> f(<span>*</span>a):\n  <span>pass</span></pre></div>'), text: 'def f(*a):\n  pass' },
  { source: 'GitHub', html: chrome('<ul class="contains-task-list"><li class="task-list-item"><input type="checkbox" checked> ship v1.2_3</li></ul><p>so <strong>yes</strong></p>'), text: '• ship v1.2_3\nso yes' },
  { source: 'GitHub', html: chrome('<td class="blob-code"><span>if (a[i](b) || *p)</span></td> <b>x</b>'), text: 'if (a[i](b) || *p) x' },
  { source: 'GitHub', html: chrome('<p>Escaped \\*stars\\* and \\_under\\_ <b>x</b></p>'), text: 'Escaped \\*stars\\* and \\_under\\_ x' },
  { source: 'GitLab', html: chrome('<blockquote><p>was *this* right?</p><p>no</p></blockquote><p>> yes</p>'), text: 'was *this* right?\nno\n> yes' },
  { source: 'Wikipedia', html: chrome('<p><b>Gō</b> (<span lang="ja">囲碁</span>)<sup><a href="https://en.wikipedia.org/wiki/Go#cite_note-1">[1]</a></sup> is a <a href="https://en.wikipedia.org/wiki/Board_game">board game</a></p>'), text: 'Gō (囲碁)[1] is a board game' },
  { source: 'Wikipedia', html: chrome('<a href="https://en.wikipedia.org/wiki/A_(b" title="A">A (b</a> <i>c</i>'), text: 'A (b c' },
  { source: 'Confluence', html: chrome('<table><tbody><tr><th><p>Key</p></th><th><p>Value</p></th></tr><tr><td><p>_a_</p></td><td><p><strong>b</strong><br>c</p></td></tr></tbody></table>'), text: 'Key | Value\n_a_ | b c' },
  { source: 'Stack Overflow', html: chrome('<p>Use <code>`backticks`</code> or <kbd>Ctrl</kbd>+<kbd>C</kbd>:</p><pre class="lang-js s-code-block"><code>a = ```b```;\nc</code></pre>'), text: 'Use `backticks` or Ctrl+C:\na = ```b```;\nc' },
  { source: 'Stack Overflow', html: chrome('<p>The regex <code>\\d+\\*\\.</code> matches `1*.` and \\d <em>too</em></p>'), text: 'The regex \\d+\\*\\. matches `1*.` and \\d too' },
  // Excel and spreadsheets
  { source: 'Excel', html: "<html xmlns:x=\"urn:schemas-microsoft-com:office:excel\"><body><table border=0 cellpadding=0 style='border-collapse: collapse'><!--StartFragment--><col width=64><tr height=20><td height=20 class=xl65>A_1_x</td><td align=right>1,5</td><td></td></tr><tr><td>**</td><td>=A1*B1*2</td><td>c</td></tr><!--EndFragment--></table></body></html>", text: 'A_1_x | 1,5 |\n** | =A1*B1*2 | c' },
  { source: 'Excel', html: '<table><tr><td>one cell *only*</td></tr></table>', text: 'one cell *only*' },
  { source: 'Google Sheets', html: '<google-sheets-html-origin><table><tbody><tr><td data-sheets-value="x">1. a</td><td>- b</td></tr></tbody></table></google-sheets-html-origin>', text: '1. a | - b' },
  { source: 'LibreOffice', html: '<!DOCTYPE html><html><body><p style="line-height: 100%; margin-bottom: 0in">Name: <b>a_b</b></p><p style="margin-bottom: 0in">1986. A year</p></body></html>', text: 'Name: a_b\n1986. A year' },
  // terminals
  { source: 'GNOME Terminal', html: '<pre>$ ls -la *.c *.h\nmain.c  __a__.h\n<font color="#00AA00"><b>done</b></font></pre>', text: '$ ls -la *.c *.h\nmain.c  __a__.h\ndone' },
  { source: 'Windows Terminal', html: '<!DOCTYPE><HTML><HEAD></HEAD><BODY><DIV STYLE="display:inline-block;white-space:pre;background-color:#0C0C0C;"><SPAN STYLE="color:#CCCCCC">C:\\&gt; del C:\\temp\\*.*<BR>C:\\&gt; <B>dir</B> \\\\nas\\*</SPAN></DIV></BODY></HTML>', text: 'C:\\> del C:\\temp\\*.*\nC:\\> dir \\\\nas\\*' },
  { source: 'iTerm', html: '<div style="white-space: pre; font-family: Menlo"><b>user@host</b>:~/a_b_c$ echo "**x**" &gt; #f</div>', text: 'user@host:~/a_b_c$ echo "**x**" > #f' },
  // browsers and pages
  { source: 'Chrome', html: chrome('<p>call __init__ now <b>bold</b></p>'), text: 'call __init__ now bold' },
  { source: 'Chrome', html: chrome('<span>$_GET and $_POST</span> <i>in</i> PHP'), text: '$_GET and $_POST in PHP' },
  { source: 'Chrome', html: chrome('<a href="https://example.com/?a=1&amp;b=2">https://example.com/?a=1&amp;b=2</a> and <a href="https://example.com/">Home *page*</a>'), text: 'https://example.com/?a=1&b=2 and Home *page*' },
  { source: 'Chrome', html: chrome('<h3>FAQ</h3><ol start="4"><li>Why?</li><li>Because _I_ say</li></ol>'), text: 'FAQ\n4. Why?\n5. Because _I_ say' },
  { source: 'Chrome', html: chrome('<p>1. not a list</p><p>- nor this</p><p># nor that</p><p>&gt; nor <b>this</b></p><p>```</p>'), text: '1. not a list\n- nor this\n# nor that\n> nor this\n```' },
  { source: 'Chrome', html: chrome('<b>Note:</b>*this* <b>is</b><i>tight</i><b>er</b>'), text: 'Note:*this* istighter' },
  { source: 'Chrome', html: chrome('pre<b>fix</b>ed, un<i>happi</i>ness, 東京<b>都</b>です, snake<b>_case_</b>x'), text: 'prefixed, unhappiness, 東京都です, snake_case_x' },
  { source: 'Chrome', html: chrome('<b>*</b> <i>_</i> <b>**bold**</b> <code> </code> <s>~</s>'), text: '* _ **bold** ~' },
  { source: 'Firefox', html: '<p>Ends <em>here.</em>And <strong>“there”</strong>again</p>', text: 'Ends here.And “there”again' },
  { source: 'Firefox', html: '<div>a\n  b\n\tc <i>d</i></div>', text: 'a b c d' },
  { source: 'Firefox', html: '<dl><dt>Term_</dt><dd>means *it*</dd></dl><b>x</b>', text: 'Term_\nmeans *it*\nx' },
  { source: 'Safari', html: '<span class="Apple-converted-space">&nbsp;</span><b>مرحبا</b> *بكم* <i>שלום</i>', text: 'مرحبا *بكم* שלום' },
  { source: 'Safari', html: '<p style="margin: 0px;"><b>日本語</b>の*テスト*です。</p><p style="margin: 0px;">二行目</p>', text: '日本語の*テスト*です。\n二行目' },
  { source: 'Gmail', html: '<div dir="ltr">Hi,<div><br></div><div>cost: 5*3 = 15*1 <b>EUR</b></div><div>--&nbsp;</div><div>Ann</div></div>', text: 'Hi,\ncost: 5*3 = 15*1 EUR\n--\nAnn' },
  { source: 'Gmail', html: '<div class="gmail_quote">On Mon, Ann &lt;<a href="mailto:ann@example.com">ann@example.com</a>&gt; wrote:<br></div><blockquote class="gmail_quote"><div>use [x](y) or [x](https://y.example)</div></blockquote>', text: 'On Mon, Ann <ann@example.com> wrote:\nuse [x](y) or [x](https://y.example)' },
  { source: 'Apple Notes', html: '<div><b>List</b></div><ul class="Apple-dash-list"><li>a*b*c</li><li>C:\\_dir\\_x</li></ul>', text: 'List\n• a*b*c\n• C:\\_dir\\_x' },
  { source: 'Notion', html: chrome('<!-- notionvc: 1 --><p>toggle <strong>a</strong></p><ul><li>x<ul><li>y<ol><li>z_z_z</li></ol></li></ul></li></ul>'), text: 'toggle a\n• x\n• y\n1. z_z_z' },
  { source: 'PDF reader', html: '<html><body><p>f(x)_i and g(y)_j <b>where</b> x ∈ [a](b)</p></body></html>', text: 'f(x)_i and g(y)_j where x ∈ [a](b)' },
  { source: 'Jupyter', html: chrome('<div class="jp-RenderedText"><pre>array([[1., 2.],\n       [3., 4.]])</pre></div><code>a**2</code>'), text: 'array([[1., 2.],\n       [3., 4.]])\na**2' },
  { source: 'Jira', html: chrome('<p>h3. Title<br>{code}x_y{code} *bold* _it_ <b>b</b></p>'), text: 'h3. Title\n{code}x_y{code} *bold* _it_ b' },
] // prettier-ignore
