using System;
using System.Buffers;
using System.Threading;
using System.Threading.Tasks;
using Scriban.Runtime;

namespace TeeIo.Generator.Emit;

/// <summary>Takes what templates write into one buffer, which is used for file after file.</summary>
internal sealed class RenderedText : IScriptOutput, IDisposable
{
    private char[] _text = ArrayPool<char>.Shared.Rent(1 << 15);
    private int _length;

    /// <summary>Forgets what was written.</summary>
    public void Clear() => _length = 0;

    /// <inheritdoc/>
    public void Write(string text, int offset, int count)
    {
        if (_text.Length - _length < count) Grow(count);
        text.CopyTo(offset, _text, _length, count);
        _length += count;
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(string text, int offset, int count, CancellationToken cancellationToken)
    {
        Write(text, offset, count);
        return default;
    }

    /// <summary>How much was written.</summary>
    public int Length => _length;

    /// <summary>Takes out of what follows <paramref name="start"/> the first and last line breaks, all blank lines but one where there are several, and those after <c>{</c> and before
    /// <c>}</c>: optional parts of templates leave more of them than a reader wants, and templates that count them are hard to read.</summary>
    public void Tidy(int start)
    {
        int from = start;
        int end = _length;
        while (from < end && _text[from] == '\n') from++;
        while (end > from && _text[end - 1] == '\n') end--;
        _length = start;
        while (from < end)
        {
            if (_text[from] != '\n')
            {
                _text[_length++] = _text[from++];
                continue;
            }

            int next = from + 1;
            while (_text[next] == '\n') next++;
            bool isBlankWanted = next - from > 1 && _text[_length - 1] != '{' && !IsClosing(next, end);
            _text[_length++] = '\n';
            if (isBlankWanted) _text[_length++] = '\n';
            from = next;
        }
    }

    /// <summary>All of it.</summary>
    public string Copy() => new(_text, 0, _length);

    /// <summary>Nothing: Scriban asks for the whole as a string after each template, and nobody wants that copy.</summary>
    public override string ToString() => "";

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<char>.Shared.Return(_text);
        _text = Array.Empty<char>();
        _length = 0;
    }

    private void Grow(int count)
    {
        char[] larger = ArrayPool<char>.Shared.Rent(Math.Max(2 * _text.Length, _length + count));
        Array.Copy(_text, larger, _length);
        ArrayPool<char>.Shared.Return(_text);
        _text = larger;
    }

    private bool IsClosing(int at, int end)
    {
        while (at < end && _text[at] == ' ') at++;
        return at < end && _text[at] == '}';
    }
}
