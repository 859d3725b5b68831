namespace TeeIo.Flow;

/// <summary>Colours of a terminal, or none.</summary>
internal readonly struct TerminalInk(bool colour)
{
    public string Bold(string text) => Wrap("1", text);

    public string Faint(string text) => Wrap("2", text);

    public string Good(string text) => Wrap("32", text);

    public string Alarm(string text) => Wrap("31", text);

    public string Row(string text, RowReport row) => !row.IsVisible ? Faint(text) : !row.IsAccounted ? Alarm(text) : row.Row.How == RowHow.Call ? Wrap("36", text) : Wrap("33", text);

    private string Wrap(string code, string text) => colour ? $"\u001b[{code}m{text}\u001b[0m" : text;
}
