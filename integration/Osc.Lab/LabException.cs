namespace Osc.Lab;

/// <summary>The lab could not be built: something is missing on the machine, or a tool refused. The message says which.</summary>
public sealed class LabException : Exception
{
    public LabException(string message)
        : base(message)
    {
    }

    public LabException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
