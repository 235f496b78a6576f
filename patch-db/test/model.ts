export type Model = {
  public: {
    name: string
    count: number
    list: { id: number }[]
    services: { [id: string]: { status: string; tags?: string[] } }
  }
  private: { secret: string; sessions: { [id: string]: { lastActive: number } } }
}

export function model(): Model {
  return {
    public: { name: 'box', count: 0, list: [], services: { a: { status: 'stopped' } } },
    private: { secret: 'hunter2', sessions: {} },
  }
}
