namespace Osc.Switch;

/// <summary>
/// A connection to the switch could not be made, or is no more. Inside this project only: the edges of it turn it into
/// an outcome.
/// </summary>
internal sealed class ConnectionLostException : Exception
{
    public ConnectionLostException(string message)
        : base(message)
    {
    }

    public ConnectionLostException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
