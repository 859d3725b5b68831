using System.Globalization;
using System.Text;

namespace TeeIo.Benchmarks;

/// <summary>What the peer reads: files of D-Bus interfaces, of which ten with ten interfaces each come to the output of ten specs.</summary>
internal static class DBusCorpus
{
    private const int Interfaces = 10;
    private const int Methods = 8;

    /// <summary>The file <paramref name="index"/> after <paramref name="edit"/> edits.</summary>
    public static MemoryText File(int index, int edit)
    {
        var text = new StringBuilder("<node>\n");
        for (int i = 0; i < Interfaces; i++)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  <interface name=\"corpus.Device{index}Part{i}\">");
            for (int m = 0; m < Methods; m++)
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"""
                        <method name="Do{m}">
                          <arg name="id" type="u" direction="in"/>
                          <arg name="mode" type="u" direction="in"/>
                          <arg name="length{edit}" type="t" direction="in"/>
                          <arg name="done" type="t" direction="out"/>
                        </method>
                    """);
            }

            text.AppendLine("  </interface>");
        }

        return new MemoryText($"specs/device{index.ToString(CultureInfo.InvariantCulture)}.xml", text.Append("</node>\n").ToString());
    }
}
