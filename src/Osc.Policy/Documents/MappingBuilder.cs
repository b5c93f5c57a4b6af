using Osc.Model;

namespace Osc.Policy.Documents;

/// <summary>Gathers the fields of a mapping and refuses a key that is there already.</summary>
internal sealed class MappingBuilder(SourcePosition position, ErrorList errors)
{
    private readonly List<FieldNode> fields = [];
    private readonly Dictionary<string, int> lines = new(StringComparer.Ordinal);

    public void Add(string key, SourcePosition keyPosition, SourceNode value)
    {
        if (lines.TryAdd(key, keyPosition.Line))
        {
            fields.Add(new(key, keyPosition, value));
        }
        else
        {
            errors.Add(keyPosition, $"the field '{key}' is there already, in line {lines[key]}", "each field once");
        }
    }

    public MappingNode Build() => new(position, fields.ToValueList());
}
